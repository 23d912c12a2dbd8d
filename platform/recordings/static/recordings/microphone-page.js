// The microphone check: two seconds of silence, three of speech, and what to do.

import { levels } from "./checks.js";
import { chooseDevice, chosenDevice } from "./device-choice.js";
import { Meter } from "./meter.js";
import { devices, whyNot } from "./microphone.js";
import { openRecorder } from "./recorder.js";
import { judge, listFaults } from "./review.js";

const SILENT_MS = 2000;
const SPOKEN_MS = 4000;
const form = document.getElementById("microphone");
const text = form.dataset;
const words = document.getElementById("advice").dataset;
const part = Object.fromEntries(
  [...form.querySelectorAll("[data-part]")].map((one) => [one.dataset.part, one]),
);
const meter = new Meter(part.meter);
const pause = (ms) => new Promise((over) => setTimeout(over, ms));

function show(name, message = "") {
  part.button.dataset.state = name;
  part.button.textContent = text[`button${name}`];
  part.button.disabled = name !== "idle";
  part.status.textContent = message;
}

function complain(message) {
  part.reason.textContent = message;
  part.refusal.hidden = !message;
  if (message) part.refusal.focus();
}

async function check() {
  complain("");
  meter.reset();
  show("asking");
  try {
    const recorder = await openRecorder(text.worklet, part.device.value || chosenDevice());
    await listDevices();
    await recorder.start((block) => meter.push(block));
    show("recording", text.silent);
    await pause(SILENT_MS);
    show("recording", text.speak);
    await pause(SPOKEN_MS);
    report(await recorder.stop());
  } catch (trouble) {
    show("idle");
    complain(words[whyNot(trouble)]);
  }
}

async function listDevices() {
  const chosen = part.device.value || chosenDevice();
  const found = await devices();
  const options = found.map(({ id, label }) => new Option(label, id, false, id === chosen));
  part.device.replaceChildren(part.device.options[0], ...options);
  part.choice.hidden = found.length < 2;
}

function report(take) {
  const found = take.samples
    ? levels(take.samples, take.sampleRate)
    : { speechDb: -200, floorDb: -200 };
  const faults = judge(take, { expectedSeconds: 0 });
  part.level.textContent = `${decibels(found.speechDb)}, ${text.levelrange}`;
  part.floor.textContent = `${decibels(found.floorDb)}, ${text.floorrange}`;
  part.found.hidden = !take.samples;
  listFaults(part.faults, faults, words);
  form.elements.level_db.value = Math.max(-200, found.speechDb).toFixed(1);
  form.elements.floor_db.value = Math.max(-200, found.floorDb).toFixed(1);
  form.elements.faults.value = faults.join(" ");
  form.elements.capture.value = JSON.stringify(take.capture);
  show("idle", faults.length ? text.poor : text.good);
  part.button.classList.add("quiet");
  part.button.textContent = text.buttonagain;
  part.go.hidden = false;
  part.go.focus();
}

function decibels(level) {
  return `${Math.round(level)} dB`.replace("-", "\u2212");
}

part.device.onchange = () => {
  chooseDevice(part.device.value);
  check();
};
part.button.onclick = check;
part.button.hidden = false;
show("idle");
