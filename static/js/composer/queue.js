// Queued prompts above the composer: all of a long one, editing in place, and the focus when the list is replaced. All answers
// and frames bring the list out of band.
import { announce } from "../shell/announcer.js";
import { part, threadOf } from "../thread/roots.js";
import { focusPrompt } from "./prompt.js";

const textOf = async (prompt) => {
  const response = await fetch(prompt.dataset.wordsUrl);
  if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
  return response.text();
};

const wholeText = (prompt) => {
  const words = prompt.querySelector(".queued-words");
  return "cut" in words.dataset ? textOf(prompt) : prompt.querySelector(".queued-text").textContent;
};

const showError = (form, text) => {
  const line = form.querySelector("[data-queued-error]");
  line.textContent = text;
  line.hidden = !text;
};

const edit = async (button) => {
  const prompt = button.closest(".queued");
  const form = prompt.closest(".queue").querySelector("[data-queued-form]").content.firstElementChild.cloneNode(true);
  const box = form.querySelector("textarea");
  try {
    box.value = await wholeText(prompt);
  } catch {
    box.remove();
    showError(form, "The server could not be reached, or the prompt was sent in the meantime. Try again.");
  }
  // The list may have been replaced meanwhile.
  const shown = document.getElementById(prompt.id);
  if (!shown || shown.querySelector(".queued-form")) return;
  form.setAttribute("hx-post", shown.dataset.rewordUrl);
  shown.append(form);
  shown.dataset.editing = "";
  htmx.process(form);
  (form.querySelector("textarea") ?? form.querySelector("[data-queued-cancel]")).focus();
  box.setSelectionRange(box.value.length, box.value.length);
};

const close = (form) => {
  const prompt = form.closest(".queued");
  const root = threadOf(form);
  form.remove();
  delete prompt.dataset.editing;
  const button = prompt.querySelector("[data-queued-edit]");
  if (prompt.closest(".queue-kept")) {
    prompt.remove();
    focusPrompt(root);
  } else button?.focus();
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-queued-edit]");
  if (button) edit(button);
  const cancel = event.target.closest("[data-queued-cancel]");
  if (cancel) close(cancel.closest(".queued-form"));
});

// The capture phase comes first: Escape closes the form and does not stop the answer.
document.addEventListener(
  "keydown",
  (event) => {
    const form = event.target.closest?.(".queued-form");
    if (!form || event.key !== "Escape" || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    event.stopPropagation();
    close(form);
  },
  true,
);

document.addEventListener("enter:sends", (event) => {
  event.target.closest(".queued-form")?.requestSubmit();
});

document.addEventListener(
  "toggle",
  async (event) => {
    if (!event.target.matches?.(".queued-words[open][data-cut]")) return;
    const words = event.target;
    try {
      words.querySelector(".queued-text").textContent = await textOf(words.closest(".queued"));
      delete words.dataset.cut;
    } catch {
      words.open = false;
    }
  },
  true,
);

// A move beyond the ends changes nothing. The button keeps the focus.
document.addEventListener("htmx:confirm", (event) => {
  if (event.target.matches(".queued-actions [aria-disabled='true']")) event.preventDefault();
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt, xhr } = event.detail;
  if (!elt.matches(".queued-form")) return;
  // The saved form is not taken along to the new list.
  if (xhr.status < 300) elt.dataset.saved = "";
  if (xhr.status === 422) {
    event.preventDefault();
    showError(elt, xhr.responseText);
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = event.detail;
  if (!elt.matches(".queued-form") || xhr.status === 422) return;
  // A frame with the new words may have come before the answer, and taken the form along.
  if (xhr.status >= 200 && xhr.status < 300) {
    if (elt.isConnected) close(elt);
  } else if (xhr.status === 404) markGone(elt);
  else showError(elt, "The server could not be reached. Your words are kept. Try again.");
});

const markGone = (form) => {
  form.querySelector("[data-queued-gone]").hidden = false;
  form.querySelector("[type=submit]").hidden = true;
};

const isOutdated = (old, fresh) => {
  const [shown, given] = [Number(old.dataset.version), Number(fresh.dataset.version)];
  // The answer to Send now says more than a frame with the same list, which may have come before it.
  if ("tried" in fresh.dataset) return given < shown;
  return given < shown || (given === shown && fresh.dataset.rights === old.dataset.rights);
};

// An open editor and an opened text stay as they are in the new list.
const keepOpen = (old, fresh) => {
  for (const words of old.querySelectorAll(".queued-words[open]")) {
    const same = fresh.querySelector(`#${words.closest(".queued").id} .queued-words`);
    if (same) same.open = true;
  }
  for (const form of old.querySelectorAll(".queued-form:not([data-saved])")) {
    const prompt = form.closest(".queued");
    const same = fresh.querySelector(`#${prompt.id}`);
    if (same) {
      same.append(form);
      same.dataset.editing = "";
    } else {
      markGone(form);
      fresh.querySelector(".queue-kept").append(prompt);
    }
  }
};

// Why nothing is sent at the moment: a pause, or a limit that the next prompt waits for.
const pauseOf = (queue) => {
  const reason = queue.querySelector("[data-queue-pause], [data-queue-wait]");
  return reason?.textContent.replace(/\s+/g, " ").trim() ?? "";
};

// htmx returns the focus to an element with the same id. Otherwise the prompt that took the place gets it.
const returnFocus = (root, { place, element, selection }) => {
  if (element.isConnected && element.matches("textarea")) {
    element.focus();
    element.setSelectionRange(...selection);
  }
  if (document.activeElement !== document.body) return;
  const queued = [...part(root, "queue").querySelectorAll(".queue-list > .queued")];
  const next = queued[Math.min(Math.max(place, 0), queued.length - 1)];
  const wasEdited = element.closest(".queued-form");
  const button = (wasEdited && next?.querySelector("[data-queued-edit]")) ?? next?.querySelector("[data-queued-remove]");
  if (button) button.focus();
  else focusPrompt(root);
};

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (!target.matches(".queue")) return;
  const fresh = fragment.querySelector(".queue");
  if (isOutdated(target, fresh)) {
    event.detail.shouldSwap = false;
    return;
  }
  const root = threadOf(target);
  const element = target.contains(document.activeElement) ? document.activeElement : null;
  const focus = element && {
    element,
    place: [...target.querySelectorAll(".queued")].indexOf(element.closest(".queued")),
    selection: [element.selectionStart, element.selectionEnd],
  };
  if (pauseOf(fresh) && pauseOf(fresh) !== pauseOf(target)) announce(`Queued prompts. ${pauseOf(fresh)}`);
  keepOpen(target, fresh);
  if (focus) queueMicrotask(() => returnFocus(root, focus));
});
