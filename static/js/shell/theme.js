// The switch between light, auto and dark. Auto follows the system and stores nothing.
import { write } from "./storage.js";

const page = document.documentElement;

const show = () => {
  const theme = page.dataset.theme ?? "auto";
  for (const radio of document.querySelectorAll("[data-theme-switch] input")) radio.checked = radio.value === theme;
};

const apply = (theme) => {
  if (theme === "light" || theme === "dark") page.dataset.theme = theme;
  else delete page.dataset.theme;
  show();
};

document.addEventListener("change", (event) => {
  if (!event.target.closest("[data-theme-switch]")) return;
  const theme = event.target.value;
  apply(theme);
  write("theme", theme === "auto" ? "" : theme);
});
// The other tabs of this browser follow.
window.addEventListener("storage", (event) => {
  if (event.key === "theme") apply(event.newValue);
});
show();
