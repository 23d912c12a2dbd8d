// One try to bring a recording to the server: taken, refused, or worth another try.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Later, Refused, deliver } from "../../platform/recordings/static/recordings/upload.js";

const TICKET = { url: "/put", fields: { key: "k" }, receipt: "r", max_bytes: 2000 };
const ANSWER = { stamp: "CT-1", recorded: 1, next: null };
const ITEM = {
  bytes: new ArrayBuffer(1000),
  type: "audio/wav",
  sha256: "5".repeat(64),
  task: { ticket: "/t", finish: "/f" },
  capture: { sampleRate: 8000 },
};

const json = (body, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json" },
  });

/** A site that answers from lists; the last answer of each list repeats. */
function site({ tickets = [json(TICKET)], posts = [204], finishes = [json(ANSWER)] } = {}) {
  const seen = { fetched: [], posted: [], progress: [] };
  const next = (list) => (list.length > 1 ? list.shift() : list[0]);
  const give = (one) => {
    if (one instanceof Error) throw one;
    return one instanceof Response ? one.clone() : one;
  };
  const tools = {
    csrf: "c",
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
    onProgress: (share) => seen.progress.push(share),
  };
  return { seen, tools };
}

test("ticket, file, finish: and the stamp comes back", async () => {
  const { seen, tools } = site();
  assert.deepEqual(await deliver(ITEM, tools), ANSWER);
  assert.deepEqual(seen.fetched.map(({ url }) => url), ["/t", "/f"]);
  assert.ok(seen.fetched.every(({ headers }) => headers["X-CSRFToken"] === "c"));
  assert.equal(seen.fetched[1].body.get("receipt"), "r");
  assert.equal(seen.fetched[1].body.get("capture"), '{"sampleRate":8000}');
  assert.equal(seen.posted[0].url, "/put");
  assert.deepEqual(seen.progress, [1]);
});

test("the file is the form's last field, as S3 demands", async () => {
  const { seen, tools } = site();
  await deliver(ITEM, tools);
  assert.deepEqual(seen.posted[0].names, ["key", "file"]);
  assert.equal(seen.posted[0].file.type, "audio/wav");
});

for (const [what, troubles, told] of [
  ["no network", { tickets: [new TypeError("offline")] }, "network"],
  ["the site restarting", { tickets: [json({}, 503)] }, "503"],
  ["a lost cookie", { tickets: [json({}, 403)] }, "403"],
  ["an expired ticket", { posts: [403] }, "403"],
  ["a lost answer", { finishes: [new TypeError("cut")] }, "network"],
  ["an upload that went", { finishes: [json({ refusal: "gone" }, 409)] }, "409"],
  ["too many requests", { finishes: [json({}, 429)] }, "429"],
]) {
  test(`${what} is worth another try`, async () => {
    const { tools } = site(troubles);
    await assert.rejects(deliver(ITEM, tools), (trouble) => {
      assert.ok(trouble instanceof Later);
      assert.equal(trouble.message, told);
      return true;
    });
  });
}

test("bytes that the server has already are not sent again", async () => {
  const { seen, tools } = site({ tickets: [json({ answer: ANSWER })] });
  assert.deepEqual(await deliver(ITEM, tools), ANSWER);
  assert.equal(seen.posted.length, 0);
  assert.equal(seen.fetched[0].body.get("sha256"), ITEM.sha256);
});

test("a refusal is final and carries the server's words", async () => {
  const refusal = "The recording is silent. Record again.";
  const { seen, tools } = site({ finishes: [json({ refusal }, 422)] });
  await assert.rejects(deliver(ITEM, tools), (trouble) => {
    assert.ok(trouble instanceof Refused);
    assert.equal(trouble.message, refusal);
    return true;
  });
  assert.equal(seen.posted.length, 1);
});

test("a page that is no longer known says what to do", async () => {
  const { tools } = site({ tickets: [new Response("<html>", { status: 404 })] });
  await assert.rejects(deliver(ITEM, tools), /answered 404. Reload the page/);
});

test("a file over the limit is not sent at all", async () => {
  const { seen, tools } = site({ tickets: [json({ ...TICKET, max_bytes: 999 })] });
  await assert.rejects(deliver(ITEM, tools), /has 0.0 MB; at most 0.0 MB are taken/);
  assert.equal(seen.posted.length, 0);
});

test("a file that the server finds too big is final", async () => {
  const { seen, tools } = site({ posts: [413] });
  await assert.rejects(deliver(ITEM, tools), { message: "answer 413" });
  assert.equal(seen.posted.length, 1);
});
