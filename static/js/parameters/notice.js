// The notice about values when the model or its schema changed: scrolled to, announced, and dismissed.
import { announce } from "../shell/announcer.js";

const place = document.getElementById("parameters");

// The notice comes with a new form. The form before it may have been scrolled down.
new MutationObserver(() => {
  const notice = place.querySelector("[data-notice]");
  if (!notice) return;
  notice.closest("[data-parameters]").scrollIntoView({ block: "start" });
  announce(notice.querySelector("p").textContent.trim());
}).observe(place, { childList: true });

// The notice disappears. The focus goes to the top of the form.
document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-dismiss]")?.closest("[data-parameters]");
  (form?.querySelector("[data-find]") ?? form?.querySelector("[data-parameter] :is(input, select, textarea)"))?.focus();
});
