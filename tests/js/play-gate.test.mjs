// The gate opens when every sound was heard to its end, and not before.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PlayGate, coverage } from "../../platform/ratings/static/ratings/play-gate.js";

test("coverage counts overlapping ranges once", () => {
  assert.equal(coverage([[0, 2], [1, 3]], 4), 0.75);
  assert.equal(coverage([[3, 4], [0, 1]], 4), 0.5);
});

test("coverage is bounded by the duration, and 0 while that is unknown", () => {
  assert.equal(coverage([[0, 9]], 4), 1);
  assert.equal(coverage([], 4), 0);
  assert.equal(coverage([[0, 1]], NaN), 0);
});

test("the gate opens after the last sound", () => {
  const gate = new PlayGate(["0", "1", "2"]);
  gate.ended("0", [[0, 4]], 4);
  gate.ended("1", [[0, 4]], 4);
  assert.equal(gate.isOpen, false);
  assert.equal(gate.ended("2", [[0, 3.95]], 4), true);
  assert.equal(gate.isOpen, true);
});

test("a sound whose middle was skipped is not heard, until that is played too", () => {
  const gate = new PlayGate(["0"]);
  assert.equal(gate.ended("0", [[0, 1], [3, 4]], 4), false);
  assert.equal(gate.ended("0", [[0, 4]], 4), true);
});

test("unknown sounds open nothing, and an earlier visit is remembered", () => {
  const gate = new PlayGate(["0", "1"], ["0", "9"]);
  gate.ended("7", [[0, 4]], 4);
  assert.deepEqual(gate.heard, ["0"]);
  assert.equal(gate.isOpen, false);
});
