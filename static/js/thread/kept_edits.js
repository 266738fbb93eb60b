// A thread that is replaced, by another tab or another person, keeps what is being edited or inserted: at the same message,
// or at the one that took its place. If there is none, what was typed goes into the prompt.
import { tell } from "../shell/toasts.js";
import { retarget } from "./edit.js";
import { addressFor, roleOf } from "./messages.js";
import { part, threadOf } from "./roots.js";

const FORM = ".edit:not([data-sent])";
let focused = null;

const successor = (message, target, fragment) => {
  const same = fragment.querySelector(`#${message.id}`);
  if (same) return same;
  const turns = (root) => [...root.querySelectorAll(".message")];
  const other = turns(fragment)[turns(target).indexOf(message)];
  // A message of this page that has moved there is another one.
  return other && !document.getElementById(other.id) && roleOf(other) === roleOf(message) ? other : null;
};

const attach = (form, next, target) => {
  if (form.matches(".example")) {
    form.setAttribute("hx-post", addressFor(next, "insertUrl", target));
    if (form.elements.place.value === "above") next.prepend(form);
    else next.append(form);
  } else {
    retarget(form, next, target);
    next.querySelector(".bubble, .answer-header").after(form);
    next.dataset.editing = "";
  }
};

const keep = (form, target, fragment) => {
  const next = successor(form.closest(".message"), target, fragment);
  if (next && !next.querySelector(".edit")) return attach(form, next, target);
  const typed = [...form.querySelectorAll("textarea")].filter((box) => box.value !== box.defaultValue);
  const prompt = part(threadOf(target), "prompt");
  if (!typed.length || !prompt) return;
  prompt.value = [prompt.value.trimEnd(), ...typed.map((box) => box.value)].filter(Boolean).join("\n\n");
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
  tell("The message that you were editing is gone. Your text is in the prompt.");
};

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (!event.detail.shouldSwap || !target.matches(".thread, .message") || !(fragment instanceof Element)) return;
  if (fragment.hasAttribute("data-append")) return;
  const box = document.activeElement?.matches(`${FORM} textarea`) ? document.activeElement : null;
  if (box) focused = { box, selection: [box.selectionStart, box.selectionEnd] };
  for (const form of target.querySelectorAll(FORM)) keep(form, target, fragment);
});

document.addEventListener("htmx:oobAfterSwap", () => {
  if (!focused) return;
  const { box, selection } = focused;
  focused = null;
  if (!box.isConnected) return;
  box.focus({ preventScroll: true });
  box.setSelectionRange(...selection);
});

// A form that was sent from this page is not kept, because the answer brings its message.
const form = (event) => event.detail.elt.closest?.(".edit");
document.addEventListener("htmx:beforeRequest", (event) => {
  if (form(event)) form(event).dataset.sent = "";
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful && form(event)) delete form(event).dataset.sent;
});
