// Each fault of a take is found where it was put, and a good take has none.

import assert from "node:assert/strict";
import { test } from "node:test";

import { clippedRow, faults, highBandDb, levels, silenceFaults }
  from "../../platform/recordings/static/recordings/checks.js";
import { outline } from "../../platform/recordings/static/recordings/waveform.js";

const RATE = 16_000;

/** Noise that a seed fixes, in [-1, 1]. */
function noise(count, seed = 1) {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (1103515245 * state + 12345) % 2 ** 31;
    return state / 2 ** 30 - 1;
  });
}

/** Four seconds of syllables of noise over a floor; each 0.3 s long, 0.1 s apart. */
function speech({ gain = 0.2, floor = 0.0005, seconds = 4 } = {}) {
  return noise(seconds * RATE).map((x, i) => x * (i % 6400 < 4800 ? gain : floor));
}

const near = (found, expected, by = 0.5) =>
  assert.ok(Math.abs(found - expected) < by, `${found} is not ${expected}`);

test("a good take has no fault", () => {
  assert.deepEqual(faults(speech(), RATE, { expectedSeconds: 3.5 }), []);
});

test("speech level and noise floor are those that were made", () => {
  const { speechDb, floorDb } = levels(speech(), RATE);
  near(speechDb, 20 * Math.log10(0.2 / Math.sqrt(3)));
  near(floorDb, 20 * Math.log10(0.0005 / Math.sqrt(3)));
});

for (const [fault, made] of [
  ["clipped", speech().map((x) => Math.max(-1, Math.min(1, 20 * x)))],
  ["loud", speech({ gain: 0.9 })],
  ["quiet", speech({ gain: 0.01, floor: 0.0001 })],
  ["noisy", speech({ floor: 0.02 })],
  ["faint", speech({ gain: 0.2, floor: 0.06 })],
]) {
  test(`a take that is ${fault} is told so`, () => {
    assert.ok(faults(made, RATE).includes(fault), `${faults(made, RATE)}`);
  });
}

test("one true peak is not clipping, three in a row are", () => {
  const take = speech();
  take.set([1, -1], 100);
  assert.equal(clippedRow(take), 2);
  assert.deepEqual(faults(take, RATE), []);
  take.set([1, 1, -1], 100);
  assert.deepEqual(faults(take, RATE), ["clipped"]);
});

test("a telephone's band is found, and not asked for where there is none", () => {
  const slow = Float32Array.from({ length: 4 * RATE }, (_, i) =>
    0.2 * Math.sin((Math.PI * i) / 6400) ** 2 * Math.sin((2 * Math.PI * 1000 * i) / RATE));
  assert.ok(highBandDb(slow, RATE) < -60);
  near(highBandDb(noise(RATE), RATE), 0, 1);
  assert.ok(faults(slow, RATE).includes("narrow"));
  assert.equal(highBandDb(slow, 8000), null);
});

test("drop-outs and a wrong duration are told", () => {
  assert.deepEqual(faults(speech(), RATE, { droppedBlocks: 1 }), ["gaps"]);
  assert.deepEqual(faults(speech(), RATE, { expectedSeconds: 8 }), ["short"]);
  assert.deepEqual(faults(speech(), RATE, { expectedSeconds: 0.5 }), ["long"]);
});

test("silence is silent, noisy or spoken into", () => {
  assert.deepEqual(silenceFaults(noise(2 * RATE).map((x) => 0.001 * x), RATE), []);
  assert.deepEqual(silenceFaults(noise(2 * RATE).map((x) => 0.1 * x), RATE), ["noisy"]);
  assert.deepEqual(silenceFaults(speech({ seconds: 2 }), RATE), ["spoken"]);
});

test("nothing at all is quiet, and breaks nothing", () => {
  assert.ok(faults(new Float32Array(0), RATE).includes("quiet"));
});

test("the waveform goes as high as the samples of its column", () => {
  const path = outline(Float32Array.from([0.5, -1, 0.25, 0]), 2);
  assert.equal(path, "M0 -1.000L1 -0.250L1 0.250L0 1.000Z");
});
