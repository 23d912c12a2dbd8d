// The outbox of this browser: what waits, what is being sent, what was refused and why.

import { onlyOne } from "./alone.js";
import { Outbox } from "./outbox.js";
import { openStore } from "./outbox-store.js";
import { deliver } from "./upload.js";

const CHANNEL = "crosstalk-outbox";

/** Open the outbox and show it in `panel`; `onNews` hears what happens in any tab. */
export async function openOutbox(panel, onNews = () => {}) {
  const store = await openStore();
  const channel = globalThis.BroadcastChannel ? new BroadcastChannel(CHANNEL) : null;
  const hear = (news) => {
    show(panel, outbox, news);
    onNews(news);
  };
  const outbox = new Outbox(store, {
    alone: onlyOne(store),
    deliver: (item, tools) => deliver(item, { csrf: panel.dataset.csrf, ...tools }),
    tell: (news) => {
      channel?.postMessage(news);
      hear(news);
    },
  });
  if (channel) channel.onmessage = ({ data }) => hear(data);
  addEventListener("online", () => outbox.wake());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) outbox.wake();
  });
  await list(panel, outbox);
  return outbox;
}

function show(panel, outbox, news) {
  const row = panel.querySelector(`[data-id="${CSS.escape(news.id ?? "")}"]`);
  const bar = row?.querySelector("progress");
  if (news.what === "progress" && bar) {
    bar.hidden = false;
    bar.value = 100 * news.share;
  } else if (news.what === "sending" && row) {
    say(row, panel.dataset.sending);
    row.querySelector("[data-do=now]").hidden = true;
  } else {
    list(panel, outbox);
  }
}

async function list(panel, outbox) {
  const items = await outbox.items();
  const rows = items.filter((item) => isShown(panel, item));
  const had = panel.contains(document.activeElement);
  panel.querySelector("ul").replaceChildren(
    ...rows.map((item) => row(panel, outbox, item)),
  );
  panel.hidden = !rows.length;
  if (had && rows.length) panel.querySelector("h2").focus();
}

/** The page itself shows the recording that is made just now. */
function isShown(panel, { state, task }) {
  return state !== "draft" || task.ticket !== panel.dataset.task;
}

function row(panel, outbox, item) {
  const made = panel.querySelector("template").content.cloneNode(true).firstElementChild;
  made.dataset.id = item.id;
  made.dataset.state = item.state;
  made.querySelector("[data-part=label]").textContent = item.task.label;
  say(made, words(panel.dataset, item));
  const buttons = {
    now: item.state === "waiting" && (() => outbox.send(item.id)),
    save: item.state !== "waiting" && (() => save(item)),
    drop: item.state !== "waiting" && (() => outbox.drop(item.id)),
  };
  for (const [name, act] of Object.entries(buttons)) {
    const button = made.querySelector(`[data-do=${name}]`);
    button.hidden = !act;
    button.onclick = act || null;
  }
  return made;
}

function words(text, { state, reason, due, tries }) {
  if (state === "draft") return text.draft;
  if (state === "refused") return `${text.refused} ${reason || text.unknown}`;
  const seconds = Math.ceil((due - Date.now()) / 1000);
  if (!tries || seconds <= 0) return text.waiting;
  const why = text[`why${reason}`] ?? `${text.whystatus} ${reason}.`;
  return `${why} ${text.retry} ${seconds} s.`;
}

function say(row, message) {
  row.querySelector("[data-part=state]").textContent = message;
}

function save({ bytes, type, task }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = `${task.label.replace(/\W+/g, "-").slice(0, 40)}.wav`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
