// A held peak stays, then falls; a higher one replaces it at once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PeakHold } from "../../platform/recordings/static/recordings/meter.js";

test("the highest peak is held for 1.5 s and falls by 20 dB a second", () => {
  const hold = new PeakHold();
  assert.equal(hold.push(-10, 0), -10);
  assert.equal(hold.push(-40, 1500), -10);
  assert.equal(hold.push(-40, 2000), -20);
  assert.equal(hold.push(-15, 2000), -15);
  assert.equal(hold.push(-30, 3000), -15);
});
