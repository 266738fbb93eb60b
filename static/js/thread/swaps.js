// Corrects swaps: drops turns that the page has already, and keeps reasoning as the reader left it, open or closed.
import { part, threadOf } from "./roots.js";

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { fragment, target } = event.detail;
  if (fragment instanceof Element && fragment.hasAttribute("data-append")) {
    // The sender of a prompt gets the turn twice: with the response and through the socket.
    for (const turn of fragment.querySelectorAll("[data-once]")) {
      if (document.getElementById(turn.dataset.once)) turn.remove();
    }
  } else if (target.matches(".message")) {
    const touched = target.querySelector(".reasoning[data-touched]");
    const fresh = fragment.querySelector(".reasoning");
    if (touched && fresh) fresh.open = touched.open;
  }
});

// The socket, or another response, may have replaced the button before its response came. htmx would then look for
// targets in an element that has left the page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { shouldSwap, serverResponse, requestConfig, target } = event.detail;
  if (!shouldSwap || requestConfig.verb === "get" || document.contains(requestConfig.elt)) return;
  const composer = target.matches(".composer") && part(threadOf(target), "composer");
  event.detail.shouldSwap = false;
  htmx.swap(composer || document.body, serverResponse, { swapStyle: composer ? "outerHTML" : "none", ignoreTitle: true });
});

document.addEventListener("click", (event) => {
  const summary = event.target.closest(".thread .reasoning > summary");
  if (!summary) return;
  const reasoning = summary.parentElement;
  // The first word of the answer folds the reasoning by CSS: the element itself is still open.
  if (reasoning.open && !reasoning.querySelector(".reasoning-text").checkVisibility()) event.preventDefault();
  reasoning.dataset.touched = "";
});
