// The record page: the only module here that touches the document.

import { advice, measure, meterValue, wasHeard } from "./level.js";
import { Recorder, whyNot } from "./recorder.js";
import { Refused, send } from "./upload.js";
import { encodeWav } from "./wav.js";

const page = document.getElementById("recorder");
const part = (name) => page.querySelector(`[data-part="${name}"]`);
const [button, timer, meter, review, audio] =
  ["button", "timer", "meter", "review", "audio"].map(part);
const [sendButton, again, progress, done] = ["send", "again", "progress", "done"].map(part);
const text = page.dataset; // every sentence and address comes from the template

let state = { recorder: null, file: null, capture: null, next: null, clock: 0 };

function show(name, message = "") {
  button.dataset.state = name;
  button.textContent = text[`button${name}`] ?? button.textContent;
  button.disabled = ["asking", "saving"].includes(name);
  button.hidden = timer.hidden = name === "done";
  part("meter-row").hidden = name === "done";
  review.hidden = name !== "done";
  part("status").textContent = message;
}

function complain(message) {
  part("refusal-text").textContent = message;
  part("refusal").hidden = !message;
}

async function start() {
  complain("");
  show("asking", text.asking);
  try {
    state.recorder = await Recorder.open(text.worklet);
  } catch (trouble) {
    show("idle");
    complain(text[whyNot(trouble)]);
    return;
  }
  await state.recorder.start((block) => {
    meter.value = meterValue(measure(block).peakDb);
  });
  show("recording", text.speak);
  const begun = performance.now();
  state.clock = setInterval(() => {
    const seconds = (performance.now() - begun) / 1000;
    timer.textContent = `0:${String(Math.floor(seconds)).padStart(2, "0")}`;
    if (seconds > text.maxSeconds - 1) stop(); // the tail has to fit
  }, 100);
}

async function stop() {
  clearInterval(state.clock);
  show("saving", text.saving);
  const { samples, sampleRate, capture } = await state.recorder.stop();
  state.file = new Blob([encodeWav(samples, sampleRate)], { type: "audio/wav" });
  state.capture = capture;
  URL.revokeObjectURL(audio.src);
  audio.src = URL.createObjectURL(state.file);
  sendButton.disabled = true;
  meter.value = 0;
  show("done", text.listen);
  part("advice").textContent = text[advice(measure(samples))];
  part("listen").focus();
}

function hear() {
  const { played, duration } = audio;
  const ranges = Array.from({ length: played.length }, (_, i) => [played.start(i), played.end(i)]);
  if (!wasHeard(ranges, duration)) return;
  sendButton.disabled = false;
  part("status").textContent = text.heard;
}

async function deliver() {
  sendButton.disabled = again.disabled = true;
  progress.hidden = false;
  complain("");
  const addresses = { ticket: text.ticket, finish: text.finish, csrf: text.csrf };
  try {
    accepted(await send(state.file, { ...addresses, capture: state.capture }, {
      onProgress: (share) => { part("bar").value = 100 * share; },
      onRetry: (ms) => { part("status").textContent = `${text.retry} ${ms / 1000} s`; },
    }));
  } catch (trouble) {
    complain(trouble instanceof Refused ? trouble.message : text.unreachable);
    sendButton.disabled = trouble instanceof Refused;
    part("refusal").focus();
  }
  again.disabled = false;
  progress.hidden = true;
}

function accepted({ stamp, recorded, next }) {
  state = { ...state, file: null, next };
  done.querySelector("code").textContent = stamp;
  const line = Object.assign(document.createElement("li"), { textContent: stamp });
  document.getElementById("stamps").append(line);
  part("count").textContent = recorded;
  part("work").hidden = true;
  done.hidden = false;
  part("next").textContent = next ? text.next : text.all;
  part("accepted").focus();
}

function proceed() {
  if (!state.next) return location.reload();
  const { prompts, ticket, finish } = state.next;
  Object.assign(text, { ticket, finish });
  prompts.forEach((prompt, i) => { part(`prompt-${i + 1}`).textContent = prompt; });
  done.hidden = true;
  part("work").hidden = false;
  timer.textContent = "0:00";
  show("idle", text.ready);
  button.focus();
}

button.addEventListener("click", () => (button.dataset.state === "recording" ? stop() : start()));
part("listen").addEventListener("click", () => audio.play());
audio.addEventListener("ended", hear);
again.addEventListener("click", () => { audio.pause(); start(); button.focus(); });
sendButton.addEventListener("click", deliver);
part("next").addEventListener("click", proceed);
addEventListener("beforeunload", (leaving) => { if (state.file) leaving.preventDefault(); });
button.hidden = false;
