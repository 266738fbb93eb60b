// A list of check boxes that is narrowed by typing. What is ticked stays ticked while it is hidden. A box above the list
// ticks those that are shown, beside the number of all that are ticked.
const boxes = (list, rows) => [...list.querySelectorAll(`${rows} input[type="checkbox"]:enabled`)];

const sum = (list) => {
  const all = list.querySelector("[data-checklist-all]");
  if (!all) return;
  const shown = boxes(list, "[data-checklist-row]:not([hidden])");
  const ticked = shown.filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === shown.length;
  all.indeterminate = ticked > 0 && !all.checked;
  all.disabled = shown.length === 0;
  const chosen = boxes(list, "[data-checklist-row]").filter((box) => box.checked).length;
  list.querySelector("[data-checklist-count]").textContent = `${chosen} chosen`;
};

const apply = (box) => {
  const list = box.closest("[data-checklist]");
  const wanted = box.value.trim().toLowerCase();
  let shown = 0;
  for (const row of list.querySelectorAll("[data-checklist-row]")) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
    shown += !row.hidden;
  }
  list.querySelector("[data-checklist-none]").hidden = shown > 0;
  sum(list);
};

document.addEventListener("change", (event) => {
  const list = event.target.closest?.("[data-checklist]");
  if (!list) return;
  if (event.target.matches("[data-checklist-all]")) {
    for (const box of boxes(list, "[data-checklist-row]:not([hidden])")) box.checked = event.target.checked;
  }
  sum(list);
});

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

for (const list of document.querySelectorAll("[data-checklist]")) sum(list);
