// Drafts: unsent texts stay in this browser, by conversation, until they are sent.
import { read, write } from "../shell/storage.js";
import { part } from "../thread/roots.js";
import { prefillOf, showPrefill } from "./prefill.js";

export const PREFIX = "draft:";
// Drafts of this page, in case the browser stores nothing.
const drafts = new Map();

const emptied = (name) => `${PREFIX}${name}:emptied`;
const hidden = (name) => `${PREFIX}${name}:hidden`;
const prefillName = (root) => `${part(root, "prompt").dataset.draft}:prefill`;

// Null if nothing was typed. A text that was removed is empty: the server's must not come back.
const load = (name) => drafts.get(name) ?? read(PREFIX + name) ?? (read(emptied(name)) && "");

const save = (name, box) => {
  drafts.set(name, box.value);
  write(PREFIX + name, box.value);
  write(emptied(name), !box.value && box.defaultValue ? "yes" : "");
};

const forget = (name, text) => {
  if (load(name) !== text) return;
  drafts.delete(name);
  for (const key of [PREFIX + name, emptied(name), hidden(name)]) write(key, "");
};

// Return whether the draft is another text than the server's, which is the text as it was when the request left.
const fill = (name, box) => {
  const text = load(name);
  if (text === null || box.value === text) return false;
  box.value = text;
  return true;
};

const restore = (root) => {
  const box = part(root, "prompt");
  if (!box) return;
  if (fill(box.dataset.draft, box)) box.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true }));
  const prefill = prefillOf(root);
  if (!prefill) return;
  fill(prefillName(root), prefill);
  showPrefill(root, Boolean(prefill.value) && !read(hidden(prefillName(root))));
};

// A link or pasted code that is opened once more shows its text, although that was removed the last time.
const forgetEmptied = (root) => {
  const box = part(root, "prompt");
  if (box && root.dataset.thread === "new" && performance.getEntriesByType("navigation")[0]?.type === "navigate") {
    write(emptied(box.dataset.draft), "");
  }
};

// The next person at this browser should not find the drafts.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-sign-out]")) return;
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
});

export const startDraft = (root) => {
  root.addEventListener("input", (event) => {
    const { target } = event;
    if (target === part(root, "prompt")) save(target.dataset.draft, target);
    if (target !== prefillOf(root)) return;
    save(prefillName(root), target);
    write(hidden(prefillName(root)), target.value && target.disabled ? "yes" : "");
  });
  root.addEventListener("composer:sent", (event) => {
    const { name, text, prefill } = event.detail;
    forget(name, text);
    forget(`${name}:prefill`, prefill);
  });
  root.addEventListener("htmx:load", (event) => {
    if (event.detail.elt === part(root, "composer")) restore(root);
  });
  forgetEmptied(root);
  restore(root);
};
