// After a change of a branch, the page goes to the message that it was about, and so does the focus.
import { part, threads } from "./roots.js";

// The id of the message that the page went to last, until the reader does something else.
let reached = "";

const focusReached = () => document.getElementById(reached)?.querySelector("[data-message-menu]")?.focus({ preventScroll: true });

const goTo = (mark) => {
  reached = mark.dataset.goTo;
  mark.remove();
  document.getElementById(reached)?.scrollIntoView({ block: "nearest" });
  focusReached();
};

for (const root of threads()) {
  // htmx reports a swap to the element that has asked for it, which the swap of the thread may have removed.
  const observer = new MutationObserver(() => {
    const mark = part(root, "go-to").querySelector("[data-go-to]");
    if (mark) goTo(mark);
  });
  observer.observe(part(root, "go-to"), { childList: true });
}

// A late frame of the same change replaces the message once more, and takes the focus away. This event comes before
// htmx:load, when the composer takes the focus if no other element has it.
document.addEventListener("htmx:oobAfterSwap", () => {
  if (reached && document.activeElement === document.body) focusReached();
});

for (const name of ["pointerdown", "keydown"]) {
  document.addEventListener(name, () => (reached = ""), true);
}
