// What is wrong with a take, before it is sent. Pure; the words are the page's.

import { CLIPPED, toDb } from "./level.js";
import { bandDb, powerSpectrum } from "./spectrum.js";

// Starting values, to be calibrated on pilot recordings.
export const LIMITS = {
  clippedInARow: 3, // samples; fewer may be a single true peak
  quietDb: -40, // speech, dB of full scale
  loudDb: -10,
  noisyDb: -45, // noise floor, dB of full scale
  speechToFloorDb: 15,
  bandDb: -60, // 4.5 to 8 kHz against 0.3 to 4 kHz: lower is a telephone's band
  shortest: 0.6, // of the expected reading time
  longest: 3,
};
const FRAME_S = 0.05;

/** Speech level and noise floor of a mono signal, dB of full scale. */
export function levels(samples, sampleRate) {
  const size = Math.max(1, Math.round(FRAME_S * sampleRate));
  const energies = [];
  for (let at = 0; at + size <= samples.length; at += size) {
    energies.push(samples.subarray(at, at + size).reduce((sum, x) => sum + x * x, 0) / size);
  }
  energies.sort((one, other) => one - other);
  const floor = energies[Math.floor(0.1 * energies.length)] ?? 0;
  const loud = energies.filter((energy) => energy > 0.1 * (energies.at(-1) ?? 0));
  const speech = loud.reduce((sum, energy) => sum + energy, 0) / Math.max(1, loud.length);
  return { speechDb: toDb(Math.sqrt(speech)), floorDb: toDb(Math.sqrt(floor)) };
}

/** The longest row of samples at full scale. */
export function clippedRow(samples) {
  let [row, longest] = [0, 0];
  for (const sample of samples) {
    row = Math.abs(sample) >= CLIPPED ? row + 1 : 0;
    if (row > longest) longest = row;
  }
  return longest;
}

/** How much fainter 4.5 to 8 kHz is than 0.3 to 4 kHz, dB; null if it cannot be told. */
export function highBandDb(samples, sampleRate) {
  if (sampleRate < 16_000) return null;
  const power = powerSpectrum(samples);
  const low = bandDb(power, sampleRate, 300, 4000);
  return bandDb(power, sampleRate, 4500, Math.min(8000, 0.49 * sampleRate)) - low;
}

/**
 * What is wrong: some of "clipped", "loud", "quiet", "noisy", "faint", "narrow",
 * "gaps", "short", "long"; the worst first, nothing if all is well.
 * `told` is { droppedBlocks, expectedSeconds }; 0 expected seconds: any length is right.
 */
export function faults(samples, sampleRate, told = {}) {
  const { droppedBlocks = 0, expectedSeconds = 0 } = told;
  const { speechDb, floorDb } = levels(samples, sampleRate);
  const high = highBandDb(samples, sampleRate);
  const seconds = samples.length / sampleRate;
  const found = {
    gaps: droppedBlocks > 0,
    clipped: clippedRow(samples) >= LIMITS.clippedInARow,
    quiet: speechDb < LIMITS.quietDb,
    loud: speechDb > LIMITS.loudDb,
    noisy: floorDb > LIMITS.noisyDb,
    faint: speechDb - floorDb < LIMITS.speechToFloorDb,
    narrow: high !== null && high < LIMITS.bandDb,
    short: seconds < LIMITS.shortest * expectedSeconds,
    long: expectedSeconds > 0 && seconds > LIMITS.longest * expectedSeconds + 2,
  };
  return Object.keys(found).filter((name) => found[name]);
}

/** What is wrong with a recording of silence: "noisy", or that somebody spoke. */
export function silenceFaults(samples, sampleRate) {
  const { speechDb, floorDb } = levels(samples, sampleRate);
  if (floorDb > LIMITS.noisyDb) return ["noisy"];
  return speechDb > LIMITS.quietDb ? ["spoken"] : [];
}
