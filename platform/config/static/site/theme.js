// The light or dark switch. The choice is a cookie, so that the server's first byte
// already has the right theme; without one, the system decides.

const YEAR_S = 31_536_000;
const root = document.documentElement;
const toggle = document.querySelector("[data-theme-toggle]");
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches;
}

function show() {
  toggle.setAttribute("aria-pressed", String(isDark()));
}

function flip() {
  root.dataset.theme = isDark() ? "light" : "dark";
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
  show();
}

if (toggle) {
  toggle.hidden = false;
  toggle.addEventListener("click", flip);
  prefersDark.addEventListener("change", show);
  show();
}
