// Recordings on their way: kept until the server has them, tried again, none twice.

import { Refused } from "./upload.js";

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/** Milliseconds to wait after `tries` vain tries: doubling, at most a minute. */
export function backOff(tries, random = Math.random) {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 1));
  return most * (0.5 + random() / 2); // jitter: a site that is back is not run over
}

/**
 * An item is { id, task, sha256, bytes, type, capture } and, set here, its state:
 * "draft" (not to be sent yet), "waiting" or "refused"; tries, due and reason.
 * `tell` hears { what, id, task, ... }: sending, progress, sent, later, refused, changed.
 */
export class Outbox {
  #store;
  #tools;
  #here = new Map(); // what the device had no room for
  #running = false;
  #asked = false;
  #timer = 0;

  constructor(store, tools) {
    this.#store = store;
    this.#tools = { now: Date.now, random: Math.random, tell: () => {}, ...tools };
  }

  /** Keep a recording; false if only this page has it, for want of room. */
  async keep(item) {
    const whole = { state: "draft", tries: 0, due: 0, reason: "", ...item };
    const isKept = await this.#put(whole);
    this.#tell("changed", whole);
    return isKept && this.#store.isKept;
  }

  async items() {
    const all = new Map((await this.#store.all()).map((item) => [item.id, item]));
    for (const item of this.#here.values()) all.set(item.id, item);
    return [...all.values()].sort((one, other) => one.at - other.at);
  }

  async send(id) {
    const item = await this.#get(id);
    if (!item) return;
    await this.#put({ ...item, state: "waiting", due: 0 });
    this.#tell("changed", item);
    await this.run();
  }

  async drop(id) {
    this.#here.delete(id);
    await this.#store.delete(id);
    this.#tell("changed", { id });
  }

  /** Try all that waits at once: the page was opened, the network is back. */
  async wake() {
    for (const item of await this.items()) {
      if (item.state === "waiting" && item.due) await this.#put({ ...item, due: 0 });
    }
    await this.run();
  }

  /** Send what is due, one after the other, then sleep until the next is. */
  async run() {
    this.#asked = true;
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#asked) {
        this.#asked = false;
        if (await this.#next()) await this.#tools.alone(() => this.#drain());
      }
    } finally {
      this.#running = false;
    }
    await this.#sleep();
  }

  async #drain() {
    for (let item; (item = await this.#next()); ) await this.#try(item);
  }

  async #next() {
    const now = this.#tools.now();
    const due = (item) => item.state === "waiting" && item.due <= now;
    return (await this.items()).find(due);
  }

  async #try(item) {
    this.#tell("sending", item);
    const onProgress = (share) => this.#tell("progress", item, { share });
    try {
      const answer = await this.#tools.deliver(item, { onProgress });
      this.#here.delete(item.id);
      await this.#store.delete(item.id);
      this.#tell("sent", item, { answer });
    } catch (trouble) {
      await this.#postpone(item, trouble);
    }
  }

  async #postpone(item, trouble) {
    const { now, random } = this.#tools;
    const reason = trouble.message;
    if (trouble instanceof Refused) {
      await this.#put({ ...item, state: "refused", reason });
      return this.#tell("refused", item, { reason });
    }
    const tries = item.tries + 1;
    const wait = backOff(tries, random);
    await this.#put({ ...item, tries, due: now() + wait, reason });
    return this.#tell("later", item, { reason, wait });
  }

  async #sleep() {
    clearTimeout(this.#timer);
    const waiting = (await this.items()).filter(({ state }) => state === "waiting");
    if (!waiting.length) return;
    const due = Math.min(...waiting.map((item) => item.due));
    this.#timer = setTimeout(() => this.run(), Math.max(50, due - this.#tools.now()));
    this.#timer.unref?.(); // Node: a test may end
  }

  async #get(id) {
    return this.#here.get(id) ?? this.#store.get(id);
  }

  /** On the device, or here if that has no room; whether it is on the device. */
  async #put(item) {
    try {
      await this.#store.put(item);
      this.#here.delete(item.id);
      return true;
    } catch {
      this.#here.set(item.id, item);
      return false;
    }
  }

  #tell(what, { id, task }, more = {}) {
    this.#tools.tell({ what, id, task: task?.ticket, ...more });
  }
}
