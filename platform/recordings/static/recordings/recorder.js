// The microphone as samples, untouched by the browser. Knows nothing of the page.

import { LossyRecorder } from "./lossy-recorder.js";
import { describe, lostFrames, openStream } from "./microphone.js";
import { encodeWav } from "./wav.js";

const START_S = 0.2; // the first blocks may have a gap
const TAIL_MS = 500; // people press stop on the last syllable

/**
 * Ask for the microphone. `workletUrl` is the address of capture-worklet.js.
 * Without AudioWorklet the browser's own recorder is used, and the take says so.
 */
export async function openRecorder(workletUrl, deviceId = "") {
  const stream = await openStream(deviceId);
  try {
    if (!globalThis.AudioWorkletNode) return new LossyRecorder(stream);
    return await Recorder.on(stream, workletUrl);
  } catch (trouble) {
    stream.getTracks().forEach((track) => track.stop());
    throw trouble;
  }
}

class Recorder {
  #context;
  #stream;
  #capture;
  #blocks = [];

  static async on(stream, workletUrl) {
    const recorder = new Recorder();
    recorder.#stream = stream;
    const { sampleRate } = stream.getAudioTracks()[0].getSettings();
    // The microphone's own rate: no resampling on the way.
    recorder.#context = new AudioContext(sampleRate ? { sampleRate } : {});
    await recorder.#context.resume();
    await recorder.#context.audioWorklet.addModule(workletUrl);
    return recorder;
  }

  /** Start; resolves when samples are kept, so that "speak now" is true. */
  start(onBlock) {
    const context = this.#context;
    const source = context.createMediaStreamSource(this.#stream);
    const processorOptions = { skip: Math.ceil(START_S * context.sampleRate) };
    this.#capture = new AudioWorkletNode(context, "capture", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions,
    });
    return new Promise((started) => {
      this.#capture.port.onmessage = ({ data }) => {
        this.#blocks.push(data.samples);
        onBlock(data.samples);
        started();
      };
      source.connect(this.#capture);
    });
  }

  /** Stop after a short tail: { bytes, type, samples, sampleRate, capture }. */
  async stop() {
    await new Promise((over) => setTimeout(over, TAIL_MS));
    const settings = await describe(this.#stream);
    const droppedBlocks = await this.#finish();
    const lost = lostFrames(this.#stream);
    const sampleRate = this.#context.sampleRate;
    await this.close();
    const samples = joinBlocks(this.#blocks);
    const counts = { contextRate: sampleRate, droppedBlocks, lostFrames: lost };
    const capture = { ...settings, ...counts, method: "worklet" };
    const bytes = encodeWav(samples, sampleRate);
    return { bytes, type: "audio/wav", samples, sampleRate, capture };
  }

  /** Let go of the microphone. */
  async close() {
    this.#stream.getTracks().forEach((track) => track.stop());
    if (this.#context.state !== "closed") await this.#context.close();
  }

  #finish() {
    return new Promise((ended) => {
      this.#capture.port.onmessage = ({ data }) => {
        if (data.end) ended(data.droppedBlocks);
        else this.#blocks.push(data.samples);
      };
      this.#capture.port.postMessage("stop");
    });
  }
}

function joinBlocks(blocks) {
  const joined = new Float32Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    joined.set(block, at);
    at += block.length;
  }
  return joined;
}
