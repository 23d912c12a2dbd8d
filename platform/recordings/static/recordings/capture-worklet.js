// Runs in the audio thread: hands over samples in batches, counts blocks that are missing.

const BATCH = 2048; // samples, 43 ms at 48 kHz: few messages, a lively meter

class Capture extends AudioWorkletProcessor {
  #batch = new Float32Array(BATCH);
  #filled = 0;
  #next = null; // the frame that should come
  #dropped = 0;
  #skip;
  #stopped = false;

  constructor({ processorOptions }) {
    super();
    this.#skip = processorOptions.skip;
    this.port.onmessage = () => this.#stop();
  }

  process([[block]]) {
    if (this.#stopped) return false;
    if (!block) return true; // the microphone has not started
    if (this.#skip > 0) {
      this.#skip -= block.length;
      return true;
    }
    if (this.#next !== null && currentFrame > this.#next) {
      this.#dropped += Math.round((currentFrame - this.#next) / block.length);
    }
    this.#next = currentFrame + block.length;
    this.#batch.set(block, this.#filled);
    this.#filled += block.length;
    if (this.#filled === BATCH) this.#flush();
    return true;
  }

  #flush() {
    this.port.postMessage({ samples: this.#batch.slice(0, this.#filled) });
    this.#filled = 0;
  }

  #stop() {
    this.#stopped = true;
    this.#flush();
    this.port.postMessage({ end: true, droppedBlocks: this.#dropped });
  }
}

registerProcessor("capture", Capture);
