/** Which sounds were heard to their end; knows nothing of the page. */

const WHOLE = 0.97; // of the duration: the last moment is never reported exactly

/** Share of `duration` covered by [start, end] ranges in seconds, overlaps once. */
export function coverage(ranges, duration) {
  if (!(duration > 0)) return 0;
  let covered = 0;
  let reached = 0;
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    covered += Math.max(0, Math.min(end, duration) - Math.max(start, reached));
    reached = Math.max(reached, Math.min(end, duration));
  }
  return covered / duration;
}

export class PlayGate {
  #sounds;
  #heard;

  /** `heard`: what an earlier visit to the same item has heard. */
  constructor(sounds, heard = []) {
    this.#sounds = new Set(sounds);
    this.#heard = new Set(heard.filter((sound) => this.#sounds.has(sound)));
  }

  /** A sound has ended, of which `ranges` were played; true if that was all of it. */
  ended(sound, ranges, duration) {
    if (this.#sounds.has(sound) && coverage(ranges, duration) >= WHOLE) {
      this.#heard.add(sound);
    }
    return this.hasHeard(sound);
  }

  hasHeard(sound) {
    return this.#heard.has(sound);
  }

  get isOpen() {
    return this.#heard.size === this.#sounds.size;
  }

  get heard() {
    return [...this.#heard];
  }
}
