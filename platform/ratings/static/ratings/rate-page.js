/** The rating page: players, scales that open when all was heard, keys 1 to 5. */

import { PlayGate } from "./play-gate.js";
import { Player } from "./player.js";

const form = document.querySelector("form.rating");
const part = (name, within = form) => within.querySelector(`[data-part="${name}"]`);
const boxes = [...form.querySelectorAll("[data-sound]")];
const scales = [...form.querySelectorAll("fieldset.scores")];
const memory = `heard-${form.dataset.item}`;
const gate = new PlayGate(boxes.map((box) => box.dataset.sound), remembered());
let hasTrouble = false;

function remembered() {
  if ("hearAgain" in form.dataset) sessionStorage.removeItem(memory);
  return JSON.parse(sessionStorage.getItem(memory) ?? "[]");
}

function show() {
  const isScored = scales.every((scale) => scale.querySelector(":checked"));
  for (const scale of scales) scale.disabled = !gate.isOpen;
  part("send").disabled = !(gate.isOpen && isScored);
  const { dataset } = part("hint");
  const open = isScored ? dataset.ready : dataset.score;
  say(hasTrouble ? dataset.trouble : gate.isOpen ? open : dataset.listen);
}

function say(words) {
  const hint = part("hint");
  if (hint.textContent !== words) hint.textContent = words; // read aloud once
}

function showSound(box, player) {
  const { sound } = box.dataset;
  if (player.hasEnded && gate.ended(sound, player.ranges, player.duration)) {
    sessionStorage.setItem(memory, JSON.stringify(gate.heard));
  }
  const play = part("play", box);
  const state = part("state", box);
  play.disabled = false;
  play.firstElementChild.textContent = player.isPlaying ? play.dataset.stop : play.dataset.play;
  state.textContent = gate.hasHeard(sound) ? state.dataset.heard : state.dataset.unheard;
  box.toggleAttribute("data-heard", gate.hasHeard(sound));
  state.dataset.state = gate.hasHeard(sound) ? "done" : "unheard";
  box.querySelector("progress").value = player.progress;
  show();
}

async function prepare(box) {
  const player = new Player((changed) => showSound(box, changed));
  const state = part("state", box);
  state.textContent = state.dataset.loading;
  part("play", box).addEventListener("click", () => player.toggle());
  await player.load(box.dataset.address);
}

form.addEventListener("keydown", (event) => {
  const scale = event.target.closest("fieldset.scores");
  const radio = scale?.querySelector(`input[value="${CSS.escape(event.key)}"]`);
  if (!radio || scale.disabled || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  radio.focus();
  radio.click();
});
form.addEventListener("change", show);
show();
try {
  for (const box of boxes) await prepare(box);
} catch {
  hasTrouble = true;
  show();
}
