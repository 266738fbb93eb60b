// The box where the prompt is written: its size, its focus, and whether there is anything to send.
import { part } from "../thread/roots.js";
import { isVersionOnItsWay } from "../thread/versions.js";

const hasTouchKeyboard = matchMedia("(pointer: coarse)");
const sizesItself = CSS.supports("field-sizing", "content");

// An attachment alone can be sent.
export const isEmpty = (root) => !part(root, "prompt").value.trim() && !part(root, "composer").querySelector("[data-attachment]");

// Not on a phone, where focus would raise the keyboard over the page.
export const focusPrompt = (root) => {
  if (!hasTouchKeyboard.matches) part(root, "prompt")?.focus({ preventScroll: true });
};

// A swap may have removed the element with the focus.
export const focusPromptIfLost = (root) => {
  if (document.activeElement === document.body && !isVersionOnItsWay()) focusPrompt(root);
};

const fitHeight = (box) => {
  if (sizesItself || !box) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
};

// aria-disabled instead of disabled, which would take the focus away and hide the button from screen readers.
export const showWhetherEmpty = (root) => {
  const send = part(root, "composer")?.querySelector(".send");
  const isDisabled = send && String(isEmpty(root));
  if (send && send.getAttribute("aria-disabled") !== isDisabled) send.setAttribute("aria-disabled", isDisabled);
};

export const showPrompt = (root) => {
  fitHeight(part(root, "prompt"));
  showWhetherEmpty(root);
};

export const startPrompt = (root) => {
  root.addEventListener("input", (event) => {
    if (event.target === part(root, "prompt")) showPrompt(root);
  });
  root.addEventListener("draft:restored", () => showPrompt(root));
  root.addEventListener("attachments:changed", () => showWhetherEmpty(root));
  root.addEventListener("click", (event) => {
    const suggestion = event.target.closest("[data-suggestion]");
    if (suggestion) {
      const box = part(root, "prompt");
      box.value = suggestion.dataset.suggestion;
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    }
    // A click anywhere in the composer's box focuses the prompt.
    if (event.target.matches(".composer-box, .composer-foot")) part(root, "prompt")?.focus();
  });
  root.addEventListener("htmx:load", (event) => {
    if (event.detail.elt !== part(root, "composer")) return;
    showPrompt(root);
    // A prompt was refused for want of a key: the button that adds one comes next.
    const lacksKey = part(root, "composer").querySelector(".composer-key.error");
    if (lacksKey) lacksKey.focus();
    else focusPromptIfLost(root);
  });
  showPrompt(root);
};
