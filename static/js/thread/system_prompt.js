// The system prompt above the first message: editing it in place, all of a long one, and the marks of answers that were given
// another version.
import { part, threadOf } from "./roots.js";

const editorOf = (block) => block?.querySelector(".system-editor");

const refresh = (block) => {
  if (block.dataset.url) htmx.ajax("GET", block.dataset.url, { target: block, swap: "outerHTML" });
};

const close = (block) => {
  const editor = editorOf(block);
  editor.querySelector("form").reset();
  editor.open = false;
  part(threadOf(block), "system-error").replaceChildren();
  block.querySelector("[data-system-failed]").hidden = true;
  editor.querySelector("summary").focus({ preventScroll: true });
  // The block may be out of date: another person has changed it, or it still has a refused text.
  if ("outdated" in block.dataset || editor.hasAttribute("data-refused")) refresh(block);
};

const markOf = (block, number) => {
  const [given, none] = block.querySelector("[data-system-marks]").content.children;
  const mark = (number === "0" ? none : given).cloneNode(true);
  const button = mark.querySelector("button");
  if (button) {
    button.dataset.systemGiven = number;
    button.querySelector("b").textContent = `v${number}`;
  }
  return mark;
};

// The current version may have changed since the answers were rendered.
const markAnswers = (block) => {
  for (const answer of part(threadOf(block), "thread").querySelectorAll("[data-answer]")) {
    const number = answer.dataset.system ?? "0";
    const old = answer.querySelector(".system-mark");
    if (number === block.dataset.current) old?.remove();
    else if (!old) answer.querySelector(".answer-setting")?.append(markOf(block, number));
  }
};

const fit = (block) => {
  const text = block.querySelector("[data-system-text]");
  if (text) block.querySelector("[data-system-all]").hidden = text.scrollHeight <= text.clientHeight + 1;
};

const toggleAll = (button) => {
  const isWhole = button.previousElementSibling.classList.toggle("is-whole");
  button.setAttribute("aria-expanded", String(isWhole));
};

const toggleGiven = async (button) => {
  const header = button.closest(".answer-header");
  const shown = header.nextElementSibling?.matches(".system-given") ? header.nextElementSibling : null;
  button.setAttribute("aria-expanded", String(!shown));
  if (shown) return shown.remove();
  const { url } = part(threadOf(button), "system-prompt").dataset;
  const target = { target: header, swap: "afterend" };
  await htmx.ajax("GET", `${url}?plain&number=${button.dataset.systemGiven}`, target).catch(() => {});
  button.setAttribute("aria-expanded", String(Boolean(header.nextElementSibling?.matches(".system-given"))));
};

document.addEventListener("click", (event) => {
  const cancel = event.target.closest("[data-system-cancel]");
  if (cancel) close(cancel.closest(".system-prompt"));
  const all = event.target.closest("[data-system-all]");
  if (all) toggleAll(all);
  const given = event.target.closest("[data-system-given]");
  if (given) toggleGiven(given);
});

document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.(".system-editor[open]")) return;
    const box = event.target.querySelector("textarea");
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  },
  true,
);

// The capture phase comes first: Escape closes the form, and its text box is not only left.
document.addEventListener(
  "keydown",
  (event) => {
    const form = event.target.closest?.(".system-editor form");
    if (!form || event.isComposing || event.keyCode === 229) return;
    const isSave = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (!isSave && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (isSave) form.requestSubmit();
    else close(form.closest(".system-prompt"));
  },
  true,
);

// Nothing replaces what is being written.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target } = event.detail;
  if (!target.matches(".system-prompt") || !editorOf(target)?.open) return;
  event.detail.shouldSwap = false;
  target.dataset.outdated = "";
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = event.detail;
  const block = elt.closest?.(".system-prompt");
  if (block) block.querySelector("[data-system-failed]").hidden = xhr.status > 0 && (xhr.status < 400 || xhr.status === 422);
});

export const startSystemPrompt = (root) => {
  let hadFocus = false;
  root.addEventListener("htmx:beforeSwap", (event) => {
    const block = part(root, "system-prompt");
    if (event.detail.target === block) hadFocus = block.contains(document.activeElement);
  });
  root.addEventListener("htmx:load", (event) => {
    const block = part(root, "system-prompt");
    if (event.detail.elt !== block) return;
    fit(block);
    markAnswers(block);
    const editor = editorOf(block);
    if (editor?.open) editor.querySelector("textarea").focus();
    else if (hadFocus) (editor?.querySelector("summary") ?? block.querySelector("button"))?.focus({ preventScroll: true });
    hadFocus = false;
  });
  const block = part(root, "system-prompt");
  if (block) fit(block);
};
