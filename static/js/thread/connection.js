// The line about the connection of a thread. A request that is redirected to the sign-in page shows it too.
import { part, threads } from "./roots.js";

export const showConnection = (root, state, seconds = 0) => {
  const line = part(root, "connection");
  const number = line.querySelector("[data-seconds]");
  // Screen readers read a line that is written anew, even if it says the same.
  if (seconds && number.textContent !== String(seconds)) number.textContent = seconds;
  for (const text of line.children) text.hidden = text.dataset.connection !== state;
  line.hidden = ![...line.children].some((text) => !text.hidden);
  // Nothing can be sent or changed any more, but what was typed can still be copied.
  const isOver = state === "no-access" || state === "deleted" || state === "workspace-deleted";
  root.toggleAttribute("data-over", isOver);
  const prompt = part(root, "prompt");
  if (prompt && isOver) prompt.readOnly = true;
};

// After signing out, the response is the sign-in page, which is no fragment.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const asked = new URL(requestConfig.path, location.href).pathname;
  if (!xhr.responseURL || new URL(xhr.responseURL).pathname === asked) return;
  event.detail.shouldSwap = false;
  for (const root of threads()) showConnection(root, "signed-out");
});
