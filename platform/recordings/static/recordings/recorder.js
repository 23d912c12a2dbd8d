// The microphone as samples, untouched by the browser. Knows nothing of the page.

const RAW_AUDIO = {
  channelCount: 1,
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  voiceIsolation: false, // it would remove the second voice
};
const REPORTED = [
  "echoCancellation", "noiseSuppression", "autoGainControl", "voiceIsolation",
  "sampleRate", "channelCount",
];
const START_S = 0.2; // the first blocks may have a gap
const TAIL_MS = 500; // people press stop on the last syllable

/** Why there is no microphone: "insecure", "denied", "none", "busy" or "unsupported". */
export function whyNot(trouble) {
  if (!globalThis.isSecureContext) return "insecure";
  if (!navigator.mediaDevices || !globalThis.AudioWorkletNode) return "unsupported";
  if (["NotAllowedError", "SecurityError"].includes(trouble.name)) return "denied";
  if (["NotFoundError", "OverconstrainedError"].includes(trouble.name)) return "none";
  return "busy";
}

export class Recorder {
  #context;
  #stream;
  #capture;
  #blocks = [];

  /** Ask for the microphone. `workletUrl` is the address of capture-worklet.js. */
  static async open(workletUrl) {
    const recorder = new Recorder();
    const media = navigator.mediaDevices;
    recorder.#stream = await media.getUserMedia({ audio: RAW_AUDIO });
    const { sampleRate } = recorder.#settings();
    try {
      // The microphone's own rate: no resampling on the way.
      recorder.#context = new AudioContext(sampleRate ? { sampleRate } : {});
      await recorder.#context.resume();
      await recorder.#context.audioWorklet.addModule(workletUrl);
    } catch (trouble) {
      await recorder.close();
      throw trouble;
    }
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

  /** Stop after a short tail: mono samples in [-1, 1], their rate in Hz, the settings. */
  async stop() {
    await new Promise((over) => setTimeout(over, TAIL_MS));
    const settings = this.#settings();
    const droppedBlocks = await this.#finish();
    const sampleRate = this.#context.sampleRate;
    await this.close();
    const capture = { ...settings, contextRate: sampleRate, droppedBlocks };
    return { samples: joinBlocks(this.#blocks), sampleRate, capture };
  }

  /** Let go of the microphone. */
  async close() {
    this.#stream.getTracks().forEach((track) => track.stop());
    if (this.#context && this.#context.state !== "closed") await this.#context.close();
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

  /** What the browser says it really does: constraints are only wishes. */
  #settings() {
    const all = this.#stream.getAudioTracks()[0].getSettings();
    return Object.fromEntries(
      REPORTED.filter((name) => name in all).map((name) => [name, all[name]]),
    );
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
