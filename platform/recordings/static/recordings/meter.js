// A level meter: the peak now, the highest of the last seconds, and a clipping lamp.

import { measure, meterValue } from "./level.js";

const HOLD_MS = 1500;
const FALL_DB_PER_S = 20;
const SPOKEN_MS = 2000; // a screen reader hears of the level no oftener
const WIDTH = 100; // of the SVG's view box

/** The held peak in dB: stays for HOLD_MS, then falls. Pure but for its memory. */
export class PeakHold {
  #peakDb = -Infinity;
  #at = 0;

  push(peakDb, now) {
    const over = Math.max(0, now - this.#at - HOLD_MS);
    const held = this.#peakDb - (FALL_DB_PER_S * over) / 1000;
    if (peakDb < held) return held;
    [this.#peakDb, this.#at] = [peakDb, now];
    return peakDb;
  }
}

/** Draws blocks of samples into `box`, which has a level, a hold mark and a lamp. */
export class Meter {
  #box;
  #hold = new PeakHold();
  #told = 0;

  constructor(box) {
    this.#box = box;
    this.reset();
  }

  reset() {
    this.#hold = new PeakHold();
    this.#part("lamp").dataset.on = "false";
    this.#part("lamp").textContent = "";
    this.#part("level").setAttribute("width", 0);
    this.#part("hold").setAttribute("x", -2);
  }

  push(block, now = performance.now()) {
    const { peakDb, clippedShare } = measure(block);
    const held = this.#hold.push(peakDb, now);
    const state = clippedShare ? "clipped" : peakDb < -40 ? "quiet" : "good";
    this.#part("level").setAttribute("width", WIDTH * meterValue(peakDb));
    this.#part("level").dataset.state = held > -3 ? "clipped" : state;
    this.#part("hold").setAttribute("x", WIDTH * meterValue(held) - 1);
    if (clippedShare) this.#light();
    if (now - this.#told < SPOKEN_MS) return;
    this.#told = now;
    this.#box.setAttribute("aria-valuenow", Math.round(held));
    this.#box.setAttribute("aria-valuetext", `${Math.round(held)} dB`);
  }

  /** Stays on until the next recording, and is said once. */
  #light() {
    const lamp = this.#part("lamp");
    if (lamp.dataset.on === "true") return;
    lamp.dataset.on = "true";
    lamp.textContent = lamp.dataset.words;
  }

  #part(name) {
    return this.#box.parentElement.querySelector(`[data-meter=${name}]`);
  }
}
