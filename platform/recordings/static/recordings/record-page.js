// The record page: the only module here that touches the document.

import { sha256 } from "./digest.js";
import { advice, measure, meterValue, wasHeard } from "./level.js";
import { openOutbox } from "./outbox-panel.js";
import { Recorder, whyNot } from "./recorder.js";
import { encodeWav } from "./wav.js";

const page = document.getElementById("recorder");
const panel = document.getElementById("outbox");
const text = page.dataset; // every sentence and address comes from the template
const part = Object.fromEntries(
  [...page.querySelectorAll("[data-part]")].map((one) => [one.dataset.part, one]),
);
const state = { task: JSON.parse(text.task), name: "idle", item: null, next: null };
const outbox = await openOutbox(panel, hearNews);

/** Show one of: idle, asking, recording, saving, review, kept. */
function show(name, message) {
  state.name = name;
  part.button.dataset.state = name;
  part.button.textContent = text[`button${name}`] ?? "";
  part.button.disabled = ["asking", "saving"].includes(name);
  part.live.hidden = ["review", "kept"].includes(name);
  part.review.hidden = name !== "review";
  part.status.textContent = message ?? "";
}

function complain(message) {
  part.reason.textContent = message;
  part.refusal.hidden = !message;
  if (message) part.refusal.focus();
}

async function start() {
  complain("");
  show("asking", text.asking);
  try {
    state.recorder = await Recorder.open(text.worklet);
  } catch (trouble) {
    show("idle");
    return complain(text[whyNot(trouble)]);
  }
  await state.recorder.start((block) => {
    part.meter.value = meterValue(measure(block).peakDb);
  });
  show("recording", text.speak);
  part.button.focus();
  const begun = performance.now();
  state.clock = setInterval(() => {
    const seconds = (performance.now() - begun) / 1000;
    part.timer.textContent = `0:${String(Math.floor(seconds)).padStart(2, "0")}`;
    if (seconds > state.task.maxSeconds - 1) stop(); // the tail has to fit
  }, 100);
}

async function stop() {
  clearInterval(state.clock);
  show("saving", text.saving);
  const { samples, sampleRate, capture } = await state.recorder.stop();
  state.recorder = null;
  const bytes = encodeWav(samples, sampleRate);
  await keep({ bytes, type: "audio/wav", capture, advice: advice(measure(samples)) });
  part.listen.focus();
}

/** On the device before anything else: from here on a reload loses nothing. */
async function keep(made) {
  const { task } = state;
  await dropDrafts();
  const hash = await sha256(made.bytes);
  state.item = { ...made, id: `${task.ticket}#${hash}`, sha256: hash, task, at: Date.now() };
  const isKept = await outbox.keep(state.item);
  review(state.item);
  if (!isKept) complain(text.full);
}

async function dropDrafts() {
  for (const { id, task, state: was } of await outbox.items()) {
    if (was === "draft" && task.ticket === state.task.ticket) await outbox.drop(id);
  }
}

function review(item) {
  URL.revokeObjectURL(part.audio.src);
  part.audio.src = URL.createObjectURL(new Blob([item.bytes], { type: item.type }));
  part.send.disabled = true;
  part.advice.textContent = text[item.advice];
  show("review", text.listen);
}

function hear() {
  const { played, duration } = part.audio;
  const ranges = Array.from(played, (_, i) => [played.start(i), played.end(i)]);
  if (!wasHeard(ranges, duration)) return;
  part.send.disabled = false;
  part.status.textContent = text.heard;
}

function deliver() {
  part.send.disabled = true; // a second press sends nothing
  complain("");
  show("kept", text.kept);
  outbox.send(state.item.id);
}

function hearNews({ what, task, answer, reason }) {
  if (task !== state.task.ticket || !part.done.hidden) return;
  if (what === "sent") accept(answer);
  if (what === "later") part.status.textContent = text.later;
  if (what === "refused") {
    show("idle", text.again);
    complain(reason || text.unknown);
  }
}

async function accept({ stamp, recorded, next }) {
  clearInterval(state.clock);
  await state.recorder?.close(); // another tab was faster
  Object.assign(state, { recorder: null, item: null, next });
  const line = Object.assign(document.createElement("li"), { textContent: stamp });
  document.getElementById("stamps").append(line);
  document.getElementById("stamp").textContent = stamp;
  part.count.textContent = recorded;
  part.next.textContent = next ? text.next : text.all;
  complain("");
  [part.work.hidden, part.done.hidden] = [true, false];
  part.accepted.focus();
  for (const { id, task } of await outbox.items()) {
    if (task.ticket === state.task.ticket) await outbox.drop(id); // refused before
  }
}

function proceed() {
  if (!state.next) return location.reload();
  state.task = state.next;
  panel.dataset.task = state.task.ticket;
  [part.prompt1.textContent, part.prompt2.textContent] = state.task.prompts;
  [part.work.hidden, part.done.hidden] = [false, true];
  part.timer.textContent = "0:00";
  show("idle", text.ready);
  part.button.focus();
}

/** What an earlier visit left: a recording to hear, one on its way, or a refusal. */
async function resume() {
  const mine = (await outbox.items()).filter(({ task }) => task.ticket === state.task.ticket);
  const found = (name) => mine.find((item) => item.state === name);
  if (found("waiting")) show("kept", text.kept);
  else if (found("draft")) review((state.item = found("draft")));
  else if (found("refused")) complain(found("refused").reason || text.unknown);
}

part.button.onclick = () => (state.name === "recording" ? stop() : start());
part.listen.onclick = () => part.audio.play();
part.audio.onended = hear;
part.again.onclick = () => { part.audio.pause(); start(); };
part.send.onclick = deliver;
part.next.onclick = proceed;
addEventListener("beforeunload", (leaving) => {
  if (["recording", "saving"].includes(state.name)) leaving.preventDefault();
});
part.button.hidden = false;
await resume();
await outbox.wake();
