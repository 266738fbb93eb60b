// The beginning of the answer, beside the prompt: a button unfolds its box.
import { part } from "../thread/roots.js";

export const prefillOf = (root) => part(root, "prefill")?.querySelector("textarea");

const show = (box, button, isShown) => {
  box.hidden = !isShown;
  button.setAttribute("aria-expanded", String(isShown));
  // A beginning that nobody sees is not sent.
  box.querySelector("textarea").disabled = !isShown;
};

export const showPrefill = (root, isShown) => {
  show(part(root, "prefill"), part(root, "composer").querySelector("[data-prefill-toggle]"), isShown);
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-prefill-toggle]");
  if (!button) return;
  const box = document.getElementById(button.getAttribute("aria-controls"));
  const text = box.querySelector("textarea");
  show(box, button, box.hidden);
  (box.hidden ? button : text).focus();
  // The draft keeps whether the box is open.
  text.dispatchEvent(new Event("input", { bubbles: true }));
});
