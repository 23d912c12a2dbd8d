// A WAV file holds exactly the samples, and says so.

import assert from "node:assert/strict";
import { test } from "node:test";

import { encodeWav } from "../../platform/recordings/static/recordings/wav.js";

const text = (view, at, length) =>
  String.fromCharCode(...new Uint8Array(view.buffer, at, length));
const encoded = (samples, rate = 44100) =>
  new DataView(encodeWav(Float32Array.from(samples), rate));

test("the header says what is there", () => {
  const view = encoded([0, 0.5, -0.5], 48000);
  assert.equal(view.byteLength, 44 + 6);
  assert.equal(text(view, 0, 4), "RIFF");
  assert.equal(view.getUint32(4, true), 36 + 6);
  assert.equal(text(view, 8, 8), "WAVEfmt ");
  assert.equal(view.getUint16(20, true), 1);
  assert.equal(view.getUint16(22, true), 1);
  assert.equal(view.getUint32(24, true), 48000);
  assert.equal(view.getUint32(28, true), 96000);
  assert.equal(view.getUint16(32, true), 2);
  assert.equal(view.getUint16(34, true), 16);
  assert.equal(text(view, 36, 4), "data");
  assert.equal(view.getUint32(40, true), 6);
});

test("every 16-bit value survives the way through floating point", () => {
  const whole = Array.from({ length: 65536 }, (_, i) => i - 32768);
  const view = encoded(whole.map((value) => value / 32768));
  for (let i = 0; i < whole.length; i++) {
    assert.equal(view.getInt16(44 + 2 * i, true), whole[i]);
  }
});

test("values between two steps go to the nearer", () => {
  const view = encoded([10.4 / 32768, 10.6 / 32768, -10.4 / 32768, -10.6 / 32768]);
  const stored = [0, 1, 2, 3].map((i) => view.getInt16(44 + 2 * i, true));
  assert.deepEqual(stored, [10, 11, -10, -11]);
});

test("beyond full scale is cut, not wrapped around", () => {
  const view = encoded([1, 1.5, -1, -1.5]);
  const stored = [0, 1, 2, 3].map((i) => view.getInt16(44 + 2 * i, true));
  assert.deepEqual(stored, [32767, 32767, -32768, -32768]);
});

test("no samples make an empty file", () => {
  assert.equal(encoded([]).byteLength, 44);
});
