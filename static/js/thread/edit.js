// Editing a prompt: its bubble becomes a form made from the page's template, and back.
import { part, threadOf } from "./roots.js";

const ANY_CODE = "00000000-0000-0000-0000-000000000000";
const editUrl = (message) => message.parentElement.dataset.editUrl.replace(ANY_CODE, message.id.replace("message-", ""));

const open = (button) => {
  // An item of the menu names its message.
  const message = document.getElementById(button.dataset.edit) ?? button.closest(".message");
  if (!message || message.querySelector(".edit")) return;
  const bubble = message.querySelector(".bubble");
  const form = document.getElementById("edit-prompt").content.firstElementChild.cloneNode(true);
  const box = form.querySelector("textarea");
  // The template serves every thread of the page.
  form.setAttribute("hx-post", editUrl(message));
  form.setAttribute("hx-target", `#${part(threadOf(message), "composer").id}`);
  box.value = bubble.textContent;
  const files = message.querySelector("[data-edit-files]");
  form.querySelector("[data-edit-attached]").append(files?.content.cloneNode(true) ?? "");
  bubble.hidden = true;
  bubble.after(form);
  message.dataset.editing = "";
  htmx.process(form);
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
};

const close = (form) => {
  const message = form.closest(".message");
  form.remove();
  delete message.dataset.editing;
  message.querySelector(".bubble").hidden = false;
  message.querySelector("[data-edit]").focus({ preventScroll: true });
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
    const form = event.target.closest?.(".edit");
    if (!form || event.isComposing || event.keyCode === 229 || event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close(form);
  },
  true,
);

document.addEventListener("enter:sends", (event) => {
  // The server says what is missing.
  event.target.closest(".edit")?.requestSubmit();
});
