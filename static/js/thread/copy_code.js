// The copy button of a code block: data-copy-code. One listener serves all blocks, later ones included.
import { announce } from "../shell/announcer.js";
import { copy } from "../shell/clipboard.js";

const SHOWN_MS = 1600;
const timers = new WeakMap();

const showResult = (button, words) => {
  button.textContent = words;
  clearTimeout(timers.get(button));
  timers.set(button, setTimeout(() => { button.textContent = "Copy"; }, SHOWN_MS));
  announce(words === "Copied" ? "Code copied" : words);
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-code]");
  const code = button?.closest("figure")?.querySelector("pre > code");
  if (!code) return;
  try {
    await copy(code.textContent.replace(/\n$/, ""));
    showResult(button, "Copied");
  } catch {
    showResult(button, "Not copied");
  }
  button.focus({ preventScroll: true });
});
