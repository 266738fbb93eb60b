// The dialog with the note of a choice is for the column whose button has opened it.
const dialog = document.getElementById("choose-dialog");
const form = dialog.querySelector("[data-choose-form]");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choose]");
  if (!button) return;
  form.action = button.dataset.choose;
  dialog.querySelector("[data-choose-name]").textContent = button.dataset.chooseOf;
});
