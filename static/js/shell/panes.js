// The outer panes fold, and the choice is remembered. Where the window is too narrow, they slide over the transcript.
import { write } from "./storage.js";

const page = document.documentElement;
const app = document.getElementById("app");
const main = document.getElementById("main");
const NARROW = { sidebar: matchMedia("(width < 760px)"), panel: matchMedia("(width < 1120px)") };
let opener = null;

export const isPaneOpen = (name) => (NARROW[name].matches ? app.dataset.over === name : page.dataset[name] !== "folded");

const show = () => {
  for (const button of document.querySelectorAll("[data-pane]")) {
    button.setAttribute("aria-expanded", String(isPaneOpen(button.dataset.pane)));
  }
  // The page under an open pane cannot be reached until the pane is closed.
  const { over } = app.dataset;
  main.inert = Boolean(over);
  for (const name of ["sidebar", "panel"]) document.getElementById(name).inert = Boolean(over) && over !== name;
};

const fold = (name) => {
  const isFolded = page.dataset[name] !== "folded";
  if (isFolded) page.dataset[name] = "folded";
  else delete page.dataset[name];
  write(`pane:${name}`, isFolded ? "folded" : "");
};

const close = () => {
  const button = main.querySelector(`[data-pane="${app.dataset.over}"]`);
  delete app.dataset.over;
  show();
  // The element that opened the pane may have left the page.
  (opener?.isConnected ? opener : button)?.focus({ preventScroll: true });
  opener = null;
};

const slide = (name) => {
  if (app.dataset.over === name) return close();
  opener = document.activeElement;
  app.dataset.over = name;
  show();
  document.getElementById(name).querySelector("a, button, input, summary")?.focus({ preventScroll: true });
};

export const togglePane = (name) => {
  if (NARROW[name].matches) return slide(name);
  fold(name);
  show();
};

export const openPane = (name) => {
  if (!isPaneOpen(name)) togglePane(name);
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pane]");
  if (button) togglePane(button.dataset.pane);
  if (event.target.closest("[data-close-panes]")) close();
});
document.addEventListener("keydown", (event) => {
  // A dialog over the pane closes first.
  if (event.key !== "Escape" || !app.dataset.over || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  close();
});
// A pane that slid over has nothing to slide over once there is room again.
for (const query of Object.values(NARROW)) {
  query.addEventListener("change", () => {
    delete app.dataset.over;
    show();
  });
}
show();
