// The beginning of the answer, beside the prompt: a button unfolds its box.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-prefill-toggle]");
  if (!button) return;
  const box = document.getElementById(button.getAttribute("aria-controls"));
  box.hidden = !box.hidden;
  button.setAttribute("aria-expanded", String(!box.hidden));
  const text = box.querySelector("textarea");
  // A beginning that nobody sees is not sent.
  text.disabled = box.hidden;
  (box.hidden ? button : text).focus();
});
