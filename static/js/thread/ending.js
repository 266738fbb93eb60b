// Puts the stored answer where the streamed one stands. What came out the same stays as it is: laying out a long
// answer anew would hold up whoever is typing.
(() => {
  // How far ahead a block is looked for that others were put before.
  const AHEAD = 20;
  // Whatever is in them, these stay and take what differs.
  const KEPT = ".answer, .answer > .markdown";

  const isSame = (streamed, stored) => {
    if (stored.nodeType === Node.ELEMENT_NODE && stored.matches(KEPT)) return streamed.nodeType === Node.ELEMENT_NODE && streamed.matches(KEPT);
    return streamed.isEqualNode(stored);
  };

  const takeAttributes = (streamed, stored) => {
    for (const { name } of [...streamed.attributes]) if (!stored.hasAttribute(name)) streamed.removeAttribute(name);
    for (const { name, value } of stored.attributes) if (streamed.getAttribute(name) !== value) streamed.setAttribute(name, value);
  };

  const take = (streamed, stored) => {
    takeAttributes(streamed, stored);
    const old = [...streamed.childNodes];
    let at = 0;
    for (const part of [...stored.childNodes]) {
      // White space is everywhere the same: it says nothing about what follows.
      const candidates = old.slice(at, at + (part.nodeType === Node.TEXT_NODE ? 1 : AHEAD));
      const skipped = candidates.findIndex((candidate) => isSame(candidate, part));
      if (skipped === -1) {
        streamed.insertBefore(part, old[at] ?? null);
        continue;
      }
      for (const outdated of old.slice(at, at + skipped)) outdated.remove();
      at += skipped + 1;
      if (part.nodeType === Node.ELEMENT_NODE && part.matches(KEPT)) take(old[at - 1], part);
    }
    for (const outdated of old.slice(at)) outdated.remove();
  };

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { fragment, target } = event.detail;
    const stored = fragment.firstElementChild;
    if (!target.matches(".message[data-run]") || stored?.id !== target.id) return;
    event.detail.shouldSwap = false;
    take(target, stored);
    // Not the text: there is nothing for htmx in it, and it would look at every word.
    for (const part of target.children) if (!part.matches(".answer")) htmx.process(part);
  });
})();
