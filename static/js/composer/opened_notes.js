// The notes about the setup of a link. They go away for good, and the focus goes to the prompt that the link brought.
import { part, threadOf } from "../thread/roots.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss-notes]");
  if (!button) return;
  const root = threadOf(button);
  button.closest("[data-opened-notes]").remove();
  part(root, "prompt")?.focus();
});
