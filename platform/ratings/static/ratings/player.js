/** Plays one sound as a whole: fetched first, played from its start, one at a time. */

let playing = null;

export class Player {
  #audio = new Audio();
  #changed;

  /** `changed(player)` is called whenever something about the player has changed. */
  constructor(changed) {
    this.#changed = () => changed(this);
    for (const event of ["play", "pause", "ended", "timeupdate"]) {
      this.#audio.addEventListener(event, this.#changed);
    }
  }

  /** Fetch the whole sound, so that it plays without gaps and its address may expire. */
  async load(address) {
    const response = await fetch(address, { cache: "no-store" });
    if (!response.ok) throw new Error(`The sound answered ${response.status}.`);
    this.#audio.src = URL.createObjectURL(await response.blob());
    await new Promise((resolve, reject) => {
      this.#audio.addEventListener("canplaythrough", resolve, { once: true });
      this.#audio.addEventListener("error", reject, { once: true });
    });
    this.#changed();
  }

  /** Start from the beginning, or stop. */
  async toggle() {
    if (this.isPlaying) return this.stop();
    if (playing?.isPlaying) playing.stop();
    playing = this;
    this.#audio.currentTime = 0;
    return this.#audio.play();
  }

  stop() {
    this.#audio.pause();
    this.#audio.currentTime = 0;
  }

  get isPlaying() {
    return !this.#audio.paused && !this.#audio.ended;
  }

  get hasEnded() {
    return this.#audio.ended;
  }

  get duration() {
    return this.#audio.duration || 0;
  }

  /** Share of the sound that is behind, 0 to 1. */
  get progress() {
    return this.duration ? this.#audio.currentTime / this.duration : 0;
  }

  /** [start, end] in seconds of what was played since loading. */
  get ranges() {
    const { played } = this.#audio;
    return Array.from({ length: played.length }, (_, i) => [played.start(i), played.end(i)]);
  }
}
