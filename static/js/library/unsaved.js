// A form that takes long to fill in: the browser asks before its changes are lost. The server marks a form that comes
// back with an error, since its changes are not saved either.
const form = document.querySelector("[data-unsaved]");
let hasChanges = form?.dataset.unsaved === "changed";

const change = () => {
  hasChanges = true;
};
const settle = () => {
  hasChanges = false;
};

form?.addEventListener("input", change);
// Buttons that add, move or remove a row.
form?.addEventListener("click", (event) => {
  if (event.target.closest("[name=act]")) change();
  if (event.target.closest("[data-discards]")) settle();
});
form?.addEventListener("submit", settle);
window.addEventListener("beforeunload", (event) => {
  if (hasChanges) event.preventDefault();
});
