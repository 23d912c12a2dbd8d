// An upload is tried again when that may help, and never twice when it may not.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused, send } from "../../platform/recordings/static/recordings/upload.js";

const FILE = new Blob([new Uint8Array(1000)], { type: "audio/wav" });
const TICKET = { url: "/put", fields: { key: "k" }, receipt: "r", max_bytes: 2000 };
const ANSWER = { stamp: "CT-1", recorded: 1, next: null };
const ASKED = { ticket: "/t", finish: "/f", csrf: "c", capture: { sampleRate: 8000 } };

const json = (body, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json" },
  });

/** A site that answers from lists; the last answer of each list repeats. */
function site({ tickets = [json(TICKET)], posts = [204], finishes = [json(ANSWER)] } = {}) {
  const seen = { fetched: [], posted: [], waits: [], progress: [] };
  const next = (list) => (list.length > 1 ? list.shift() : list[0]);
  const give = (one) => {
    if (one instanceof Error) throw one;
    return one instanceof Response ? one.clone() : one;
  };
  const tools = {
    fetch: async (url, options) => {
      seen.fetched.push({ url, ...options });
      return give(next(url === "/t" ? tickets : finishes));
    },
    post: async (url, form, onProgress) => {
      seen.posted.push({ url, names: [...form.keys()], file: form.get("file") });
      onProgress(1);
      const status = give(next(posts));
      return { status, text: `answer ${status}` };
    },
    wait: async (ms) => seen.waits.push(ms),
    onProgress: (share) => seen.progress.push(share),
  };
  return { seen, tools };
}

test("ticket, file, finish: and the stamp comes back", async () => {
  const { seen, tools } = site();
  assert.deepEqual(await send(FILE, ASKED, tools), ANSWER);
  assert.deepEqual(seen.fetched.map(({ url }) => url), ["/t", "/f"]);
  assert.ok(seen.fetched.every(({ headers }) => headers["X-CSRFToken"] === "c"));
  assert.equal(seen.fetched[1].body.get("receipt"), "r");
  assert.equal(seen.fetched[1].body.get("capture"), '{"sampleRate":8000}');
  assert.equal(seen.posted[0].url, "/put");
  assert.deepEqual(seen.progress, [1]);
  assert.deepEqual(seen.waits, []);
});

test("the file is the form's last field, as S3 demands", async () => {
  const { seen, tools } = site();
  await send(FILE, ASKED, tools);
  assert.deepEqual(seen.posted[0].names, ["key", "file"]);
  assert.equal(seen.posted[0].file.type, "audio/wav");
});

for (const [what, troubles] of [
  ["no network", { tickets: [new TypeError("offline"), json(TICKET)] }],
  ["the site restarting", { tickets: [json({}, 503), json(TICKET)] }],
  ["an upload cut off", { posts: [new TypeError("cut"), 204] }],
  ["an expired ticket", { posts: [403, 204] }],
  ["a lost answer", { finishes: [new TypeError("cut"), json(ANSWER)] }],
  ["an upload that went", { finishes: [json({ refusal: "gone" }, 409), json(ANSWER)] }],
  ["too many requests", { finishes: [json({}, 429), json(ANSWER)] }],
]) {
  test(`after ${what} it starts over with a new ticket`, async () => {
    const { seen, tools } = site(troubles);
    assert.deepEqual(await send(FILE, ASKED, tools), ANSWER);
    assert.deepEqual(seen.waits, [1000]);
    assert.equal(seen.fetched.filter(({ url }) => url === "/t").length, 2);
  });
}

test("it waits longer each time, says so, and gives up after six tries", async () => {
  const { seen, tools } = site({ posts: [new TypeError("offline")] });
  const told = [];
  const trying = send(FILE, ASKED, { ...tools, onRetry: (ms) => told.push(ms) });
  await assert.rejects(trying, { message: "offline" });
  assert.deepEqual(seen.waits, [1000, 2000, 4000, 8000, 16000]);
  assert.deepEqual(told, seen.waits);
  assert.equal(seen.posted.length, 6);
});

test("a refusal is final and carries the server's words", async () => {
  const refusal = "The recording is silent. Record again.";
  const { seen, tools } = site({ finishes: [json({ refusal }, 422)] });
  await assert.rejects(send(FILE, ASKED, tools), (trouble) => {
    assert.ok(trouble instanceof Refused);
    assert.equal(trouble.message, refusal);
    return true;
  });
  assert.equal(seen.posted.length, 1);
});

test("a page that is no longer known says what to do", async () => {
  const { tools } = site({ tickets: [new Response("<html>", { status: 404 })] });
  await assert.rejects(send(FILE, ASKED, tools), /answered 404. Reload the page/);
});

test("a file over the limit is not sent at all", async () => {
  const { seen, tools } = site({ tickets: [json({ ...TICKET, max_bytes: 999 })] });
  await assert.rejects(send(FILE, ASKED, tools), /has 0.0 MB; at most 0.0 MB are taken/);
  assert.equal(seen.posted.length, 0);
});

test("a file that the server finds too big is final", async () => {
  const { seen, tools } = site({ posts: [413] });
  await assert.rejects(send(FILE, ASKED, tools), { message: "answer 413" });
  assert.equal(seen.posted.length, 1);
});
