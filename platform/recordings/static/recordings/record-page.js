// The record page: the only module here that touches the document.

import { advice, measure, meterValue, wasHeard } from "./level.js";
import { Recorder, whyNot } from "./recorder.js";
import { Refused, send } from "./upload.js";
import { encodeWav } from "./wav.js";

const page = document.getElementById("recorder");
const text = page.dataset; // every sentence and address comes from the template
const part = Object.fromEntries(
  [...page.querySelectorAll("[data-part]")].map((one) => [one.dataset.part, one]),
);
const state = { recorder: null, file: null, capture: null, next: null, clock: 0 };

function show(name, message) {
  part.button.dataset.state = name;
  part.button.textContent = text[`button${name}`] ?? "";
  part.button.disabled = ["asking", "saving"].includes(name);
  part.live.hidden = name === "done";
  part.review.hidden = name !== "done";
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
    if (seconds > text.maxSeconds - 1) stop(); // the tail has to fit
  }, 100);
}

async function stop() {
  clearInterval(state.clock);
  show("saving", text.saving);
  const { samples, sampleRate, capture } = await state.recorder.stop();
  const file = new Blob([encodeWav(samples, sampleRate)], { type: "audio/wav" });
  Object.assign(state, { file, capture });
  URL.revokeObjectURL(part.audio.src);
  part.audio.src = URL.createObjectURL(file);
  part.send.disabled = true;
  show("done", text.listen);
  part.advice.textContent = text[advice(measure(samples))];
  part.listen.focus();
}

function hear() {
  const { played, duration } = part.audio;
  const ranges = Array.from(played, (_, i) => [played.start(i), played.end(i)]);
  if (!wasHeard(ranges, duration)) return;
  part.send.disabled = false;
  part.status.textContent = text.heard;
}

async function deliver() {
  part.send.disabled = part.again.disabled = true;
  part.progress.hidden = false;
  complain("");
  try {
    accept(await send(state.file, { ...text, capture: state.capture }, {
      onProgress: (share) => { part.bar.value = 100 * share; },
      onRetry: (ms) => { part.status.textContent = `${text.retry} ${ms / 1000} s`; },
    }));
  } catch (trouble) {
    part.send.disabled = trouble instanceof Refused; // the same again is no use
    complain(part.send.disabled ? trouble.message : text.unreachable);
  }
  part.again.disabled = false;
  part.progress.hidden = true;
}

function accept({ stamp, recorded, next }) {
  Object.assign(state, { file: null, next });
  const line = Object.assign(document.createElement("li"), { textContent: stamp });
  document.getElementById("stamps").append(line);
  document.getElementById("stamp").textContent = stamp;
  part.count.textContent = recorded;
  part.next.textContent = next ? text.next : text.all;
  [part.work.hidden, part.done.hidden] = [true, false];
  part.accepted.focus();
}

function proceed() {
  if (!state.next) return location.reload();
  const { prompts, ...addresses } = state.next;
  Object.assign(text, addresses);
  [part.prompt1.textContent, part.prompt2.textContent] = prompts;
  [part.work.hidden, part.done.hidden] = [false, true];
  part.timer.textContent = "0:00";
  show("idle", text.ready);
  part.button.focus();
}

part.button.onclick = () => (part.button.dataset.state === "recording" ? stop() : start());
part.listen.onclick = () => part.audio.play();
part.audio.onended = hear;
part.again.onclick = () => { part.audio.pause(); start(); };
part.send.onclick = deliver;
part.next.onclick = proceed;
addEventListener("beforeunload", (leaving) => { if (state.file) leaving.preventDefault(); });
part.button.hidden = false;
