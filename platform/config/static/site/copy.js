// Copy buttons: <button data-copy="ID"> copies the text of #ID; the nearest <output>
// says so, in the words of the button's data-copied.

async function copy(button) {
  const code = document.getElementById(button.dataset.copy);
  const answer = button.parentElement.querySelector("output");
  try {
    await navigator.clipboard.writeText(code.textContent.trim());
    answer.textContent = button.dataset.copied;
  } catch {
    getSelection().selectAllChildren(code); // no clipboard: ready for Ctrl-C
    answer.textContent = button.dataset.selected;
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
