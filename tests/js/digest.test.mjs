// The hash by hand is the browser's hash, for every length of the last block.

import assert from "node:assert/strict";
import { test } from "node:test";

import { sha256 } from "../../platform/recordings/static/recordings/digest.js";

const bytes = (size) => Uint8Array.from({ length: size }, (_, i) => (i * 37) % 256).buffer;

test("the empty message has its known hash", async () => {
  const known = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  assert.equal(await sha256(bytes(0)), known);
  assert.equal(await sha256(bytes(0), null), known);
});

test("without the browser's help the hash is the same", async () => {
  for (const size of [1, 55, 56, 63, 64, 65, 119, 120, 1000, 100_003]) {
    assert.equal(await sha256(bytes(size), null), await sha256(bytes(size)), `${size}`);
  }
});
