// Replaces a streamed answer by the stored one. Equal parts stay in the page: a new layout of a long answer would delay
// the reader's typing.
// The number of blocks among which an equal block is searched, when others were inserted before it.
const AHEAD = 20;
// These elements stay and take over what differs inside them.
const KEPT = ".answer, .answer > .markdown";

const isSame = (streamed, stored) => {
  if (stored.nodeType === Node.ELEMENT_NODE && stored.matches(KEPT)) return streamed.nodeType === Node.ELEMENT_NODE && streamed.matches(KEPT);
  return streamed.isEqualNode(stored);
};

const takeAttributes = (streamed, stored) => {
  for (const { name } of [...streamed.attributes]) if (!stored.hasAttribute(name)) streamed.removeAttribute(name);
  for (const { name, value } of stored.attributes) if (streamed.getAttribute(name) !== value) streamed.setAttribute(name, value);
};

const takeOver = (streamed, stored) => {
  takeAttributes(streamed, stored);
  const old = [...streamed.childNodes];
  let at = 0;
  for (const part of [...stored.childNodes]) {
    // White space is the same everywhere, so an equal text node does not mark an equal place.
    const candidates = old.slice(at, at + (part.nodeType === Node.TEXT_NODE ? 1 : AHEAD));
    const skipped = candidates.findIndex((candidate) => isSame(candidate, part));
    if (skipped === -1) {
      streamed.insertBefore(part, old[at] ?? null);
      continue;
    }
    for (const outdated of old.slice(at, at + skipped)) outdated.remove();
    at += skipped + 1;
    if (part.nodeType === Node.ELEMENT_NODE && part.matches(KEPT)) takeOver(old[at - 1], part);
  }
  for (const outdated of old.slice(at)) outdated.remove();
};

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { fragment, target } = event.detail;
  const stored = fragment.firstElementChild;
  if (!target.matches(".message[data-run]") || stored?.id !== target.id) return;
  event.detail.shouldSwap = false;
  takeOver(target, stored);
  // The text holds nothing for htmx, which would look at every word.
  for (const part of target.children) if (!part.matches(".answer")) htmx.process(part);
});
