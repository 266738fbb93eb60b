// The dialog that copies from a column offers all other columns, and all of them are ticked.
const dialog = document.getElementById("copy-dialog");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy-column]");
  if (!button || !dialog) return;
  dialog.querySelector("[data-copy-form]").action = button.dataset.copyColumn;
  dialog.querySelector("[data-copy-name]").textContent = button.dataset.copyName;
  for (const label of dialog.querySelectorAll("[data-copy-to]")) {
    const isSource = label.dataset.copyTo === button.dataset.copyOf;
    const box = label.querySelector("input");
    label.hidden = isSource;
    box.disabled = isSource;
    box.checked = !isSource;
  }
});
