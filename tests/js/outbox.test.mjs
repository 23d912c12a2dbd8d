// What was kept is sent once, tried again until it is, and refused only with a reason.

import assert from "node:assert/strict";
import { test } from "node:test";

import { onlyOne } from "../../platform/recordings/static/recordings/alone.js";
import { Outbox, backOff } from "../../platform/recordings/static/recordings/outbox.js";
import { MemoryStore } from "../../platform/recordings/static/recordings/outbox-store.js";
import { Later, Refused } from "../../platform/recordings/static/recordings/upload.js";

const ANSWER = { stamp: "CT-1" };
const made = (id = "/t#1", at = 0) => ({ id, at, task: { ticket: "/t" }, bytes: "x" });

/** An outbox whose deliveries end as listed; the last end repeats. */
function outbox(ends, store = new MemoryStore()) {
  const told = [];
  const sent = [];
  const box = new Outbox(store, {
    alone: (work) => work(),
    now: () => box.time,
    random: () => 1,
    tell: (news) => told.push(news),
    deliver: async (item) => {
      sent.push(item.id);
      const end = ends.length > 1 ? ends.shift() : ends[0];
      if (end instanceof Error) throw end;
      return end;
    },
  });
  box.time = 1000;
  return { box, told, sent, store, heard: () => told.map(({ what }) => what) };
}

test("a draft stays until it is told to go, and is gone when the server has it", async () => {
  const { box, sent, told } = outbox([ANSWER]);
  await box.keep(made());
  await box.wake();
  assert.deepEqual(sent, []);
  await box.send("/t#1");
  assert.deepEqual(sent, ["/t#1"]);
  assert.deepEqual(await box.items(), []);
  assert.deepEqual(told.at(-1), { what: "sent", id: "/t#1", task: "/t", answer: ANSWER });
});

test("pressing twice sends once", async () => {
  const { box, sent } = outbox([ANSWER]);
  await box.keep(made());
  await Promise.all([box.send("/t#1"), box.send("/t#1")]);
  assert.deepEqual(sent, ["/t#1"]);
});

test("without an answer it stays, and is tried when its time has come", async () => {
  const { box, sent, heard } = outbox([new Later("network"), ANSWER]);
  await box.keep(made());
  await box.send("/t#1");
  const [item] = await box.items();
  assert.deepEqual([item.state, item.tries, item.reason], ["waiting", 1, "network"]);
  assert.equal(item.due, 2000);
  await box.run();
  assert.equal(sent.length, 1);
  box.time = 2000;
  await box.run();
  assert.equal(sent.length, 2);
  assert.equal(heard().at(-1), "sent");
});

test("when the network is back it does not wait for its time", async () => {
  const { box, sent } = outbox([new Later("network"), ANSWER]);
  await box.keep(made());
  await box.send("/t#1");
  await box.wake();
  assert.equal(sent.length, 2);
});

test("another page of this browser goes on where a killed one stopped", async () => {
  const store = new MemoryStore();
  const killed = outbox([new Later("network")], store);
  await killed.box.keep(made());
  await killed.box.send("/t#1");
  const next = outbox([ANSWER], store);
  await next.box.wake();
  assert.equal(next.heard().at(-1), "sent");
  assert.deepEqual(await store.all(), []);
});

test("a refusal stays with its reason, is not tried again, and may be removed", async () => {
  const { box, sent, told } = outbox([new Refused("It is silent. Record again.")]);
  await box.keep(made());
  await box.send("/t#1");
  await box.wake();
  assert.equal(sent.length, 1);
  const [item] = await box.items();
  assert.deepEqual([item.state, item.reason], ["refused", "It is silent. Record again."]);
  assert.equal(told.find(({ what }) => what === "refused").reason, item.reason);
  await box.drop(item.id);
  assert.deepEqual(await box.items(), []);
});

test("one refusal does not hold up the others", async () => {
  const { box, heard } = outbox([new Refused("no"), ANSWER]);
  await box.keep({ ...made("/t#1", 1), state: "waiting" });
  await box.keep({ ...made("/t#2", 2), state: "waiting" });
  await box.run();
  assert.deepEqual((await box.items()).map(({ id }) => id), ["/t#1"]);
  assert.equal(heard().at(-1), "sent");
});

test("a full device is told of, and the recording is sent from the page", async () => {
  const store = new MemoryStore();
  store.put = async () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  const { box, sent } = outbox([new Later("network"), ANSWER], store);
  assert.equal(await box.keep(made()), false);
  assert.equal((await box.items()).length, 1);
  await box.send("/t#1");
  box.time = 9000;
  await box.run();
  assert.equal(sent.length, 2);
  assert.deepEqual(await box.items(), []);
});

test("tries are further and further apart, at most a minute, and never in step", () => {
  const longest = [1, 2, 3, 7, 20].map((tries) => backOff(tries, () => 1));
  assert.deepEqual(longest, [1000, 2000, 4000, 60_000, 60_000]);
  assert.equal(backOff(3, () => 0), 2000);
});

/** Leases as the device's store gives them. */
function leases() {
  const held = new Map();
  return {
    lease: async (name, owner, until, now) => {
      const one = held.get(name);
      if (one && one.owner !== owner && one.until > now) return false;
      held.set(name, { owner, until });
      return true;
    },
  };
}

test("without Web Locks a lease lets one tab work at a time", async () => {
  const store = leases();
  const wait = () => new Promise((over) => setTimeout(over, 1));
  let [inside, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, (inside += 1));
    await wait();
    inside -= 1;
  };
  const tabs = [1, 2, 3].map(() => onlyOne(store, { locks: null, wait }));
  await Promise.all(tabs.map((alone) => alone(work)));
  assert.deepEqual([most, inside], [1, 0]);
});

test("a killed tab's lease runs out", async () => {
  let time = 0;
  const store = leases();
  const tools = { locks: null, now: () => time, wait: async () => { time += 5000; } };
  await store.lease("crosstalk-outbox", "killed", 15_000, 0);
  assert.equal(await onlyOne(store, tools)(async () => "mine"), "mine");
  assert.ok(time >= 15_000);
});
