// Drafts: unsent text stays in this browser, by conversation, until it is sent.
import { read, write } from "../shell/storage.js";
import { part } from "../thread/roots.js";

export const PREFIX = "draft:";
// Drafts of this page, in case the browser stores nothing.
const drafts = new Map();

const load = (name) => drafts.get(name) ?? read(PREFIX + name) ?? "";

const save = (name, text) => {
  drafts.set(name, text);
  write(PREFIX + name, text);
};

const restore = (root) => {
  const box = part(root, "prompt");
  if (!box) return;
  const text = load(box.dataset.draft);
  // The server returns the text as it was when the request left. The draft is newer.
  if (text && box.value !== text) {
    box.value = text;
    box.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true }));
  }
};

// The next person at this browser should not find the drafts.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-sign-out]")) return;
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
});

export const startDraft = (root) => {
  root.addEventListener("input", (event) => {
    if (event.target === part(root, "prompt")) save(event.target.dataset.draft, event.target.value);
  });
  root.addEventListener("composer:sent", (event) => {
    const { name, text } = event.detail;
    if (load(name) === text) save(name, "");
  });
  root.addEventListener("htmx:load", (event) => {
    if (event.detail.elt === part(root, "composer")) restore(root);
  });
  restore(root);
};
