// Marks the beginning of an answer that a person has written: data-prefill is the number of its characters without white
// space. A highlight changes nothing in the page, so frames find it as the server has made it.
import { part } from "./roots.js";

const SKIPPED = "figcaption, button, svg, annotation, .visually-hidden";
// The marked range of each answer and, once all of the beginning is on the page, its last text.
const marked = new WeakMap();

const rangeOf = (message) => {
  const texts = message.querySelector(".answer");
  if (!texts) return null;
  let left = Number(message.dataset.prefill);
  const nodes = document.createTreeWalker(texts, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  range.selectNodeContents(texts);
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    if (node.parentElement.closest(SKIPPED)) continue;
    for (let at = 0; at < node.length; at += 1) {
      if (/\s/u.test(node.data[at])) continue;
      left -= 1;
      if (left > 0) continue;
      range.setEnd(node, at + 1);
      return { range, last: node };
    }
  }
  return { range };
};

// The end of a range moves into the element around a text that a frame replaces.
const isDone = (message) => {
  const found = marked.get(message);
  return Boolean(found?.last?.isConnected) && found.range.endContainer === found.last;
};

export const startPrefill = (root) => {
  if (!window.Highlight) return;
  const thread = part(root, "thread");
  let messages = [];
  const show = () => {
    if (messages.every(isDone) && messages.length === (CSS.highlights.get("prefill")?.size ?? 0)) return;
    for (const message of messages) if (!isDone(message)) marked.set(message, rangeOf(message));
    CSS.highlights.set("prefill", new Highlight(...messages.flatMap((message) => marked.get(message)?.range ?? [])));
  };
  const look = () => {
    messages = [...thread.querySelectorAll("[data-prefill]")];
    show();
  };
  new MutationObserver(look).observe(thread, { childList: true });
  root.addEventListener("live:applied", look);
  root.addEventListener("live:grew", show);
  look();
};
