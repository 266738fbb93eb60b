// Follows the end of a thread while the reader is there, and never otherwise.
import { part } from "./roots.js";

export const startScroll = (root) => {
  const scroller = part(root, "scroller");
  const button = root.querySelector("[data-to-end]");
  const NEAR_PX = 40;
  // The address may name a message, perhaps one of the earlier messages that are fetched later.
  let wanted = root.dataset.at ?? (location.hash.startsWith("#message-") ? location.hash.slice(1) : "");
  let follows = true;
  // A page that opens at a message stays there while answers grow, until the reader scrolls.
  let isHeld = false;
  let last = { top: 0, height: 0 };

  const fromEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

  // A page without messages has no end to go to. It opens at its system prompt.
  const hasMessages = () => part(root, "thread").childElementCount > 0;

  const toEnd = () => {
    scroller.scrollTop = scroller.scrollHeight;
    settle();
  };

  const settle = () => {
    last = { top: scroller.scrollTop, height: scroller.scrollHeight };
    const isHidden = follows || fromEnd() < NEAR_PX || !hasMessages();
    if (button.hidden !== isHidden) button.hidden = isHidden;
  };

  // Content that becomes shorter moves the view too, and is excluded.
  const wasScrolledUp = () => scroller.scrollTop < last.top - 1 && scroller.scrollHeight >= last.height;

  scroller.addEventListener(
    "scroll",
    () => {
      if (fromEnd() < NEAR_PX && !isHeld) follows = true;
      else if (wasScrolledUp()) follows = false;
      settle();
    },
    { passive: true },
  );

  for (const type of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    scroller.addEventListener(type, () => { isHeld = false; }, { passive: true });
  }

  const goToWanted = () => {
    const message = wanted && follows && part(root, "thread").querySelector(`#${CSS.escape(wanted)}`);
    if (!message) return;
    wanted = "";
    follows = false;
    isHeld = true;
    message.scrollIntoView();
  };
  document.addEventListener("htmx:afterSettle", goToWanted);
  goToWanted();

  const grow = () => {
    // The event of that scroll may come later than this.
    if (wasScrolledUp()) follows = false;
    if (follows && hasMessages()) toEnd();
    else settle();
  };
  // This scrolls at once, so that the event comes in the same frame as the text. A hidden page lays nothing out.
  root.addEventListener("live:grew", () => document.hidden || grow());
  new ResizeObserver(() => {
    if (scroller.scrollHeight !== last.height || scroller.scrollTop !== last.top) grow();
  }).observe(scroller.firstElementChild);
  new ResizeObserver(() => follows && hasMessages() && toEnd()).observe(scroller);

  button.addEventListener("click", () => {
    follows = true;
    isHeld = false;
    toEnd();
    part(root, "prompt")?.focus({ preventScroll: true });
  });

  root.addEventListener("composer:sent", (event) => {
    // The answer that is read now is not left for a prompt that waits for its end.
    if (event.detail.isQueued) return;
    wanted = "";
    follows = true;
    isHeld = false;
    toEnd();
  });

  // The stored answer may be shorter than the streamed one, because its reasoning folds. A reader below its top keeps the
  // same lines in view. Capturing, so that this runs before the swap itself.
  const beforeSwap = (event) => {
    const { target } = event.detail;
    if (follows || !target.matches(".message")) return;
    const before = target.getBoundingClientRect();
    if (before.top >= scroller.getBoundingClientRect().top) return;
    const { id } = target;
    queueMicrotask(() => {
      const after = document.getElementById(id)?.getBoundingClientRect();
      if (after) scroller.scrollTop += after.bottom - before.bottom;
    });
  };
  root.addEventListener("htmx:oobBeforeSwap", beforeSwap, { capture: true });
};
