// After a change of a branch, the page goes to the message that it was about, and so does the focus.
import { part, threads } from "./roots.js";

const goTo = (mark) => {
  const message = document.getElementById(mark.dataset.goTo);
  mark.remove();
  if (!message) return;
  message.scrollIntoView({ block: "nearest" });
  message.querySelector("[data-message-menu]")?.focus({ preventScroll: true });
};

for (const root of threads()) {
  // htmx reports a swap to the element that has asked for it, which the swap of the thread may have removed.
  const observer = new MutationObserver(() => {
    const mark = part(root, "go-to").querySelector("[data-go-to]");
    if (mark) goTo(mark);
  });
  observer.observe(part(root, "go-to"), { childList: true });
}
