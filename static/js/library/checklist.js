// A list of check boxes that is narrowed by typing. What is ticked stays ticked while it is hidden.
const apply = (box) => {
  const list = box.closest("[data-checklist]");
  const wanted = box.value.trim().toLowerCase();
  let shown = 0;
  for (const row of list.querySelectorAll("[data-checklist-row]")) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
    shown += !row.hidden;
  }
  list.querySelector("[data-checklist-none]").hidden = shown > 0;
};

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-checklist-find]")) apply(event.target);
});

// Enter in the search goes to the first row and does not send the form.
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-checklist-find]") || event.isComposing) return;
  if (event.key !== "Enter" && event.key !== "ArrowDown") return;
  event.preventDefault();
  event.target.closest("[data-checklist]").querySelector("[data-checklist-row]:not([hidden]) input:enabled")?.focus();
});
