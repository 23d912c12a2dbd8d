// The browser's own recorder, for browsers without AudioWorklet: coded, not raw.

import { describe } from "./microphone.js";

const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const BITS = 256_000; // per second: as little loss as the coder allows
const TAIL_MS = 500;
const METER_MS = 50;

export class LossyRecorder {
  #stream;
  #context = new AudioContext();
  #recorder;
  #parts = [];
  #meter = 0;

  constructor(stream) {
    this.#stream = stream;
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
    this.#recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS });
    this.#recorder.ondataavailable = ({ data }) => this.#parts.push(data);
  }

  start(onBlock) {
    const analyser = this.#context.createAnalyser();
    this.#context.createMediaStreamSource(this.#stream).connect(analyser);
    const block = new Float32Array(analyser.fftSize);
    this.#meter = setInterval(() => {
      analyser.getFloatTimeDomainData(block);
      onBlock(block);
    }, METER_MS);
    return new Promise((started) => {
      this.#recorder.onstart = started;
      this.#recorder.start();
    });
  }

  /** As Recorder.stop; `samples` is null if this browser cannot decode its own file. */
  async stop() {
    await new Promise((over) => setTimeout(over, TAIL_MS));
    const settings = await describe(this.#stream);
    await new Promise((ended) => {
      this.#recorder.onstop = ended;
      this.#recorder.stop();
    });
    const [type] = (this.#parts[0]?.type || this.#recorder.mimeType).split(";");
    const bytes = await new Blob(this.#parts).arrayBuffer();
    const heard = await this.#context.decodeAudioData(bytes.slice(0)).catch(() => null);
    await this.close();
    const samples = heard?.getChannelData(0) ?? null;
    const sampleRate = heard?.sampleRate ?? 0;
    return { bytes, type, samples, sampleRate, capture: { ...settings, method: "coded" } };
  }

  async close() {
    clearInterval(this.#meter);
    this.#stream.getTracks().forEach((track) => track.stop());
    if (this.#context.state !== "closed") await this.#context.close();
  }
}
