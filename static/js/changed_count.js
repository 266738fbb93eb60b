// The number of parameters that will be sent, on the button that shows them.
(() => {
  const place = document.getElementById("parameters");
  const show = () => {
    const count = place.querySelectorAll("[data-parameter].is-sent").length;
    for (const label of document.querySelectorAll("[data-changed-count]")) label.textContent = count || "";
  };
  // The form's own event does not bubble; capturing hears it all the same.
  place.addEventListener("parameters:changed", show, true);
  new MutationObserver(show).observe(place, { childList: true });
  show();
})();
