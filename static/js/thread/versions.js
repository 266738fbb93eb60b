// Versions by keyboard: after a step the focus moves to the same arrow of the version that is shown then, or to the other
// arrow if there is no further version.
let pressed = null;

// A late frame of the step before may take the focus away while the next version is on its way. The composer must not take it.
export const isVersionOnItsWay = () => Boolean(pressed && !document.getElementById(pressed.leafTo));

document.addEventListener("click", (event) => {
  const arrow = event.target.closest("[data-leaf]");
  // After a click with the mouse, the prompt may have the focus.
  pressed = event.detail === 0 ? arrow?.dataset : null;
});

// This event comes before htmx:load, when the composer takes the focus if no other element has it.
document.addEventListener("htmx:oobAfterSwap", () => {
  if (!pressed || document.activeElement !== document.body) return;
  const shown = document.getElementById(pressed.leafTo);
  (shown?.querySelector(`[data-leaf="${pressed.leaf}"]`) ?? shown?.querySelector("[data-leaf]"))?.focus();
});
