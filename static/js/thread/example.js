// An example of a prompt and its answer: a form above or below a message, or on the page of a new chat.
import { addressFor } from "./messages.js";
import { part, threadOf } from "./roots.js";

const template = document.getElementById("example-pair");
// The buttons that the forms were opened with: the focus goes back there.
const openers = new WeakMap();

const open = (button) => {
  const place = button.dataset.insert;
  const beside = document.getElementById(button.dataset.beside) ?? button.closest("p");
  if (!beside || beside.querySelector(".edit")) return;
  const form = template.content.firstElementChild.cloneNode(true);
  form.setAttribute("hx-post", button.dataset.insertUrl ?? addressFor(beside, "insertUrl"));
  // The socket may replace the form before the answer comes, and htmx looks for its targets around the target.
  form.setAttribute("hx-target", `#${part(threadOf(beside), "thread").id}`);
  form.elements.place.value = place;
  // Inside the message: the last element of a thread says what the page has of it.
  if (place === "above") beside.prepend(form);
  else beside.append(form);
  openers.set(form, button.isConnected && !button.closest("[popover]") ? button : beside.querySelector("[data-message-menu]"));
  htmx.process(form);
  form.scrollIntoView({ block: "nearest" });
  form.elements.prompt.focus();
};

const close = (form) => {
  const opener = openers.get(form);
  form.remove();
  opener?.focus({ preventScroll: true });
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (button) open(button);
  const cancel = event.target.closest("[data-example-cancel]");
  if (cancel) close(cancel.closest(".example"));
});

document.addEventListener(
  "keydown",
  (event) => {
    const form = event.target.closest?.(".example");
    if (!form || event.isComposing || event.keyCode === 229) return;
    const isSent = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (event.key !== "Escape" && !isSent) return;
    event.preventDefault();
    event.stopPropagation();
    if (isSent) form.requestSubmit();
    else close(form);
  },
  true,
);
