// The record page: one step after the other. Touches the document.

import { chosenDevice } from "./device-choice.js";
import { sha256 } from "./digest.js";
import { Meter } from "./meter.js";
import { whyNot } from "./microphone.js";
import { openOutbox } from "./outbox-panel.js";
import { openRecorder } from "./recorder.js";
import { Review, summary } from "./review.js";
import { View } from "./step-view.js";

const SILENCE_S = 1.6; // and the tail
const page = document.getElementById("recorder");
const text = page.dataset; // every sentence and address comes from the template
const words = document.getElementById("advice").dataset;
const panel = document.getElementById("outbox");
const view = new View(page);
const part = view.part;
const meter = new Meter(part.meter);
const state = { step: JSON.parse(text.step), item: null, next: null };
const review = new Review(part, { text, words, onHeard: heard });
const outbox = await openOutbox(panel, hearNews);

async function start() {
  review.stop();
  view.complain("");
  view.show("asking", text.asking);
  meter.reset();
  try {
    state.recorder = await openRecorder(text.worklet, chosenDevice());
    await state.recorder.start((block) => meter.push(block));
  } catch (trouble) {
    view.show("idle");
    return view.complain(words[whyNot(trouble)]);
  }
  view.show("recording", text[`speak${state.step.kind}`]);
  part.button.focus();
  const isSilence = state.step.kind === "silence";
  const most = isSilence ? SILENCE_S : state.step.maxSeconds - 1; // the tail has to fit
  return view.count(most, stop);
}

async function stop() {
  view.show("saving", text.saving);
  const { recorder } = state;
  state.recorder = null;
  const take = await recorder.stop();
  await keep(summary(take, state.step));
}

/** On the device before anything else: from here on a reload loses nothing. */
async function keep(made) {
  const { step } = state;
  for (const old of await mine("draft")) await outbox.drop(old.id);
  const hash = await sha256(made.bytes);
  const named = { id: `${step.ticket}#${hash}`, sha256: hash, task: step };
  state.item = { ...made, ...named, at: Date.now() };
  const isKept = await outbox.keep(state.item);
  if (step.kind === "silence" && !made.faults.length) deliver();
  else present(state.item);
  if (!isKept) view.complain(text.full);
}

/** A mixture has to be heard before it may go; a voice alone need not be. */
function present(item) {
  state.item = item;
  review.show(item);
  part.send.disabled = state.step.kind === "mixture";
  view.show("review", state.step.kind === "mixture" ? text.listen : text.heard);
  part.listen.focus();
}

function heard() {
  part.send.disabled = false;
  part.status.textContent = text.heard;
}

function deliver() {
  part.send.disabled = true; // a second press sends nothing
  view.complain("");
  view.show("kept", text.kept);
  outbox.send(state.item.id);
}

function hearNews({ what, task, answer, reason }) {
  if (task !== state.step.ticket || !part.done.hidden) return;
  if (what === "sent") accept(answer);
  if (what === "later") part.status.textContent = text.later;
  if (what === "refused") {
    view.show("idle", text.again);
    view.complain(reason || text.unknown);
  }
}

async function accept({ stamp, recorded, next }) {
  view.stopCount();
  await state.recorder?.close(); // another tab was faster
  for (const { id } of await mine()) await outbox.drop(id); // refused before
  Object.assign(state, { recorder: null, item: null, next });
  view.complain("");
  if (stamp) view.accepted(stamp, recorded, next ? text.next : text.all);
  else proceed();
}

function proceed() {
  if (!state.next) return location.reload();
  state.step = state.next;
  panel.dataset.task = state.step.ticket;
  meter.reset();
  return view.step(state.step);
}

async function mine(name = "") {
  const items = await outbox.items();
  const ours = items.filter(({ task }) => task.ticket === state.step.ticket);
  return name ? ours.filter((item) => item.state === name) : ours;
}

/** What an earlier visit left: a recording to hear, one on its way, or a refusal. */
async function resume() {
  const [[waiting], [draft], [refused]] = await Promise.all(
    ["waiting", "draft", "refused"].map(mine),
  );
  if (waiting) view.show("kept", text.kept);
  else if (draft) present(draft);
  else if (refused) view.complain(refused.reason || text.unknown);
}

part.button.onclick = () => (state.recorder ? stop() : start());
part.again.onclick = start;
part.send.onclick = deliver;
part.next.onclick = proceed;
addEventListener("beforeunload", (leaving) => {
  if (state.recorder) leaving.preventDefault();
});
view.step(state.step, { focus: false });
await resume();
await outbox.wake();
