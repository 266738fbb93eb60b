// Leafing through versions with the keyboard: the focus goes on to the same arrow of what is shown then,
// or to its twin where that way has come to an end.
(() => {
  let pressed = null;

  document.addEventListener("click", (event) => {
    const arrow = event.target.closest("[data-leaf]");
    // A mouse finds the next one itself, and the prompt can have the focus.
    pressed = event.detail === 0 ? arrow?.dataset : null;
  });

  // Before the composer, which takes the focus that nothing else has.
  document.addEventListener("htmx:oobAfterSwap", () => {
    if (!pressed || document.activeElement !== document.body) return;
    const shown = document.getElementById(pressed.leafTo);
    (shown?.querySelector(`[data-leaf="${pressed.leaf}"]`) ?? shown?.querySelector("[data-leaf]"))?.focus();
  });
})();
