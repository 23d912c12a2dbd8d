/** Replaces a part of the page by its newer self every few seconds, unless in use. */

const part = document.querySelector("[data-refresh]");
const choice = document.querySelector("[data-refresh-choice]");
const isWanted = choice.querySelector("input");

choice.hidden = false;
setInterval(refresh, 1000 * Number(part.dataset.refresh));

async function refresh() {
  if (!isWanted.checked || document.hidden || isInUse()) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || isInUse()) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const newer = page.querySelector("[data-refresh]");
  if (newer && newer.innerHTML !== part.innerHTML) part.replaceChildren(...newer.childNodes);
}

/** Never move the ground under a keyboard or a pointer that is about to press. */
function isInUse() {
  return part.contains(document.activeElement) || part.querySelector("button:hover") !== null;
}
