// The button of the panel shows how many parameters will be sent, and whether one has an error.
const place = document.getElementById("parameters");
const show = () => {
  const count = place.querySelectorAll("[data-parameter].is-sent").length;
  for (const label of document.querySelectorAll("[data-changed-count]")) label.textContent = count || "";
  document.querySelector("[data-wrong]").hidden = !place.querySelector("[data-parameter].has-errors");
};
// This event does not bubble. The capture phase receives it all the same.
place.addEventListener("parameters:changed", show, true);
// The server has checked the change.
place.addEventListener("parameters:renewed", show);
new MutationObserver(show).observe(place, { childList: true });
show();
