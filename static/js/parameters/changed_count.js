// The number of parameters that will be sent, and whether one needs correcting, on the button that shows them.
(() => {
  const place = document.getElementById("parameters");
  const show = () => {
    const count = place.querySelectorAll("[data-parameter].is-sent").length;
    for (const label of document.querySelectorAll("[data-changed-count]")) label.textContent = count || "";
    document.querySelector("[data-wrong]").hidden = !place.querySelector("[data-parameter].has-errors");
  };
  // The form's own event does not bubble; capturing hears it all the same.
  place.addEventListener("parameters:changed", show, true);
  // The server has said what it thinks of the change.
  place.addEventListener("parameters:renewed", show);
  new MutationObserver(show).observe(place, { childList: true });
  show();
})();
