// The take that was just made: its shape, its player, what is wrong with it.

import { faults, silenceFaults } from "./checks.js";
import { wasHeard } from "./level.js";
import { outline } from "./waveform.js";

/** What is wrong with a take of this step; without samples only what is known. */
export function judge({ samples, sampleRate, capture }, step) {
  const coded = capture.method === "coded" ? ["coded"] : [];
  if (!samples) return coded;
  if (step.kind === "silence") return [...coded, ...silenceFaults(samples, sampleRate)];
  const told = { ...capture, expectedSeconds: step.expectedSeconds };
  return [...coded, ...faults(samples, sampleRate, told)];
}

/** What the outbox keeps of a take beside its bytes. */
export function summary(take, step) {
  const { bytes, type, capture, samples } = take;
  const shape = samples ? outline(samples) : "";
  return { bytes, type, capture, shape, faults: judge(take, step) };
}

/** A list of advice, one line for each fault. */
export function listFaults(list, names, words) {
  list.replaceChildren(
    ...names.map((name) =>
      Object.assign(document.createElement("li"), { textContent: words[name] }),
    ),
  );
}

/** Puts an item of the outbox before the pair; calls `onHeard` when it was heard. */
export class Review {
  #part;
  #words;
  #text;

  constructor(part, { text, words, onHeard }) {
    [this.#part, this.#words, this.#text] = [part, words, text];
    part.listen.onclick = () => part.audio.play();
    part.audio.onended = () => {
      const { played, duration } = part.audio;
      const ranges = Array.from(played, (_, i) => [played.start(i), played.end(i)]);
      if (wasHeard(ranges, duration)) onHeard();
    };
  }

  show(item) {
    const { audio, waveform, advice, faults: list } = this.#part;
    URL.revokeObjectURL(audio.src);
    audio.src = URL.createObjectURL(new Blob([item.bytes], { type: item.type }));
    waveform.setAttribute("d", item.shape);
    advice.textContent = item.faults.length ? this.#text.poor : this.#text.good;
    listFaults(list, item.faults, this.#words);
  }

  stop() {
    this.#part.audio.pause();
  }
}
