// After a change of a branch, the page goes to the message that it was about, and so does the focus.
import { threads } from "./roots.js";

const goTo = (mark) => {
  const message = document.getElementById(mark.dataset.goTo);
  mark.remove();
  if (!message) return;
  message.scrollIntoView({ block: "nearest" });
  message.querySelector("[data-message-menu]")?.focus({ preventScroll: true });
};

for (const root of threads()) {
  root.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
    const mark = target.id?.startsWith("go-to-") && target.querySelector("[data-go-to]");
    if (mark) goTo(mark);
  });
}
