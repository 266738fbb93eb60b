// The offer to use the settings of the last chat: what was added is announced, and the focus goes to the button that undoes it.
import { announce } from "../shell/announcer.js";

const place = document.getElementById("parameters");
let asked = "";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-offer-use]");
  if (button) asked = button.title;
});

// The server answers with a new form.
new MutationObserver(() => {
  if (!asked) return;
  const isUsed = !place.querySelector("[data-offer-use]");
  const first = place.querySelector(isUsed ? "[data-reset-all]:not([hidden])" : '[aria-invalid="true"]');
  (first ?? place.querySelector("[data-find]"))?.focus();
  announce(isUsed ? `Now set: ${asked}` : "Correct the marked parameter first.");
  asked = "";
}).observe(place, { childList: true });
