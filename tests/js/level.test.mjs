// Levels are measured as the server measures them; advice follows from them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { measure, meterValue, wasHeard }
  from "../../platform/recordings/static/recordings/level.js";

const sine = (gain) =>
  Float32Array.from({ length: 16000 }, (_, i) => gain * Math.sin((2 * Math.PI * i) / 160));
const near = (found, expected) =>
  assert.ok(Math.abs(found - expected) < 0.01, `${found} is not ${expected}`);

test("a sine of half scale has its known level and peak", () => {
  const { levelDb, peakDb, clippedShare } = measure(sine(0.5));
  near(levelDb, -9.03);
  near(peakDb, -6.02);
  assert.equal(clippedShare, 0);
});

test("silence and nothing are far below the meter", () => {
  near(measure(new Float32Array(10)).levelDb, -200);
  near(measure(new Float32Array(0)).peakDb, -200);
});

test("clipped samples are counted", () => {
  near(measure(Float32Array.from([1, -1, 0.5, 0])).clippedShare, 0.5);
});

test("the meter runs from -60 dB to full scale and no further", () => {
  assert.deepEqual([-200, -60, -30, 0, 3].map(meterValue), [0, 0, 0.5, 1, 1]);
});


test("heard means played to the end, not jumped to the end", () => {
  assert.ok(wasHeard([[0, 4]], 4));
  assert.ok(wasHeard([[0, 2], [2.05, 4]], 4));
  assert.ok(!wasHeard([[3.5, 4]], 4));
  assert.ok(!wasHeard([[0, 1], [3, 4]], 4));
  assert.ok(!wasHeard([], 4));
});
