// How a step looks: its title and sentences, the button, the clock, the stamp.

export class View {
  #text;
  #clock = 0;

  constructor(page) {
    this.#text = page.dataset;
    this.part = Object.fromEntries(
      [...page.querySelectorAll("[data-part]")].map((one) => [one.dataset.part, one]),
    );
    this.part.button.hidden = false;
  }

  /** Show one of: idle, asking, recording, saving, review, kept. */
  show(name, message = "") {
    const { button, live, review, status } = this.part;
    if (name !== "recording") this.stopCount();
    button.dataset.state = name;
    button.textContent = this.#text[`button${name}`] ?? "";
    button.disabled = ["asking", "saving"].includes(name);
    live.hidden = ["review", "kept"].includes(name);
    review.hidden = name !== "review";
    status.textContent = message;
  }

  complain(message) {
    this.part.reason.textContent = message;
    this.part.refusal.hidden = !message;
    if (message) this.part.refusal.focus();
  }

  step({ kind, speaker, prompts }, { focus = true } = {}) {
    const { part } = this;
    const which = kind === "solo" ? `solo${speaker}` : kind;
    part.title.textContent = this.#text[`title${which}`];
    part.voice1.hidden = kind === "silence" || speaker === 2;
    part.voice2.hidden = kind === "silence" || speaker === 1;
    part.prompt1.textContent = prompts[0] ?? "";
    part.prompt2.textContent = prompts.at(-1) ?? "";
    [part.work.hidden, part.done.hidden] = [false, true];
    part.timer.textContent = "0:00";
    this.show("idle", this.#text[`ready${kind}`]);
    if (focus) part.title.focus();
  }

  accepted(stamp, recorded, next) {
    const { part } = this;
    const line = Object.assign(document.createElement("li"), { textContent: stamp });
    document.getElementById("stamps").append(line);
    document.getElementById("stamp").textContent = stamp;
    part.count.textContent = recorded;
    part.next.textContent = next;
    [part.work.hidden, part.done.hidden] = [true, false];
    part.accepted.focus();
  }

  /** Show the seconds; call `end` after `most` of them. */
  count(most, end) {
    const begun = performance.now();
    this.#clock = setInterval(() => {
      const seconds = (performance.now() - begun) / 1000;
      const whole = String(Math.floor(seconds)).padStart(2, "0");
      this.part.timer.textContent = `0:${whole}`;
      if (seconds > most) end();
    }, 100);
  }

  stopCount() {
    clearInterval(this.#clock);
  }
}
