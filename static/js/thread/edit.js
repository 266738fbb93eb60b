// Editing a message: it becomes a form made from the page's template, and back.
import { tell } from "../shell/toasts.js";
import { addressFor, roleOf } from "./messages.js";
import { part, threadOf } from "./roots.js";

const ASKS = ["user", "tool"];

// A prompt is on the page as it was written. The text of an answer is on the server only.
const textOf = async (message) => {
  const bubble = message.querySelector(".bubble");
  if (bubble) return bubble.textContent;
  const response = await fetch(`${addressFor(message, "textUrl")}?answer=chosen`);
  if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
  return response.text();
};

// Let a form edit this message. A message that is not on the page yet is given with its thread.
export const retarget = (form, message, thread) => {
  form.setAttribute("hx-post", addressFor(message, "editUrl", thread));
  form.querySelector("[data-edit-save]").setAttribute("hx-post", addressFor(message, "saveUrl", thread));
};

const formFor = (message, text) => {
  const form = document.getElementById("edit-message").content.firstElementChild.cloneNode(true);
  const role = roleOf(message);
  // The template serves every thread of the page.
  retarget(form, message);
  form.setAttribute("hx-target", `#${part(threadOf(message), "composer").id}`);
  const save = form.querySelector("[data-edit-save]");
  // The socket may replace the form before the answer comes, and htmx looks for its targets around the target.
  save.setAttribute("hx-target", `#${part(threadOf(message), "thread").id}`);
  save.setAttribute("hx-swap", "none");
  for (const word of form.querySelectorAll("[data-edit-word]")) if (word.dataset.editWord !== role) word.remove();
  if (!ASKS.includes(role)) {
    for (const asking of form.querySelectorAll("[data-edit-ask]")) asking.remove();
    save.classList.add("primary");
  }
  const box = form.querySelector("textarea");
  box.defaultValue = text;
  // Enter sends a prompt. Other messages have lines.
  if (role === "user") box.dataset.enterSends = "";
  const files = message.querySelector("[data-edit-files]");
  form.querySelector("[data-edit-attached]").append(files?.content.cloneNode(true) ?? "");
  return form;
};

const open = async (button) => {
  // An item of the menu names its message.
  const message = document.getElementById(button.dataset.edit) ?? button.closest(".message");
  if (!message || message.querySelector(".edit")) return;
  let text;
  try {
    text = await textOf(message);
  } catch {
    return tell("The server cannot be reached. Try again.");
  }
  if (message.querySelector(".edit")) return;
  const form = formFor(message, text);
  const bubble = message.querySelector(".bubble");
  if (bubble) bubble.after(form);
  else message.querySelector(".answer-header").after(form);
  message.dataset.editing = "";
  htmx.process(form);
  const box = form.querySelector("textarea");
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
};

const close = (form) => {
  const message = form.closest(".message");
  form.remove();
  delete message.dataset.editing;
  message.querySelector("[data-edit], [data-message-menu]").focus({ preventScroll: true });
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-edit]");
  if (button) open(button);
  const cancel = event.target.closest("[data-edit-cancel]");
  if (cancel) close(cancel.closest(".edit"));
});

// The capture phase comes first: Escape closes the form, and its text box is not only left.
document.addEventListener(
  "keydown",
  (event) => {
    const form = event.target.closest?.(".edit:not(.example)");
    if (!form || event.isComposing || event.keyCode === 229) return;
    const isSave = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (event.key !== "Escape" && !isSave) return;
    event.preventDefault();
    event.stopPropagation();
    if (isSave) form.querySelector("[data-edit-save]").click();
    else close(form);
  },
  true,
);

document.addEventListener("enter:sends", (event) => {
  // The server says what is missing.
  event.target.closest(".edit")?.requestSubmit();
});

// The same words again change nothing, so the page gets no other message.
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = event.detail;
  const form = elt.closest("[data-edit-save]")?.closest(".edit");
  if (successful && form?.isConnected) close(form);
});
