// A page that a search has opened at a message: the message has the focus, and the words that were found are marked.
import { part } from "./roots.js";

const SKIPPED = "figcaption, button, .visually-hidden, svg";
const PLACES = ".bubble, .answer, .reasoning-text, .refusal";

// This folds text as the server does for a search, closely enough to find the place again.
const fold = (sign) => sign.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s/gu, " ");

// The folded text of a place, and for each of its characters where it is in the page.
const folded = (place) => {
  const nodes = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  let text = "";
  const origins = [];
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    if (node.parentElement.closest(SKIPPED)) continue;
    let at = 0;
    for (const sign of node.data) {
      for (const letter of fold(sign)) {
        if (letter === " " && text.endsWith(" ")) continue;
        text += letter;
        for (let unit = 0; unit < letter.length; unit += 1) origins.push({ node, start: at, end: at + sign.length });
      }
      at += sign.length;
    }
  }
  return { text, origins };
};

const rangeOf = (message, words) => {
  for (const place of message.querySelectorAll(PLACES)) {
    const { text, origins } = folded(place);
    const start = text.indexOf(words);
    if (start < 0) continue;
    const range = document.createRange();
    range.setStart(origins[start].node, origins[start].start);
    range.setEnd(origins[start + words.length - 1].node, origins[start + words.length - 1].end);
    return range;
  }
  return null;
};

// Words may be in an answer behind another tab, or in folded reasoning.
const reveal = (node) => {
  const panel = node.parentElement.closest("[role=tabpanel][hidden]");
  if (panel) document.getElementById(panel.getAttribute("aria-labelledby"))?.click();
  const folded = node.parentElement.closest("details:not([open])");
  if (folded) folded.open = true;
};

export const startHit = (root) => {
  const message = root.dataset.at && document.getElementById(root.dataset.at);
  if (!message) return;
  message.classList.add("is-hit");
  message.tabIndex = -1;
  message.focus({ preventScroll: true });
  const range = root.dataset.words ? rangeOf(message, root.dataset.words) : null;
  if (!range) return;
  reveal(range.startContainer);
  // A highlight changes nothing in the page, so frames find it as the server has made it.
  if (window.Highlight) CSS.highlights.set("hit", new Highlight(range));
  const scroller = part(root, "scroller");
  const top = range.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  if (top > scroller.clientHeight * 0.7) scroller.scrollTop += top - scroller.clientHeight / 3;
};
