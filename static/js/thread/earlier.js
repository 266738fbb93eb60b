// Earlier messages are inserted above the others. The text that is read stays in its place.
import { part } from "./roots.js";

export const startEarlier = (root) => {
  const scroller = part(root, "scroller");
  let fromEnd = 0;
  let hadFocus = false;

  const isEarlier = (event) => event.detail.target?.id === `earlier-${root.dataset.thread}`;

  root.addEventListener("htmx:beforeSwap", (event) => {
    if (!isEarlier(event)) return;
    fromEnd = scroller.scrollHeight - scroller.scrollTop;
    hadFocus = event.detail.target.contains(document.activeElement);
    // Scroll anchoring of the browser would move the text a second time, and it does nothing at the very top.
    scroller.style.overflowAnchor = "none";
  });

  root.addEventListener("htmx:afterSwap", (event) => {
    if (!isEarlier(event)) return;
    scroller.scrollTop = scroller.scrollHeight - fromEnd;
    requestAnimationFrame(() => {
      scroller.style.overflowAnchor = "";
    });
    if (hadFocus && !part(root, "earlier")) scroller.focus({ preventScroll: true });
  });
};
