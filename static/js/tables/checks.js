// The fields of a check, which depend on its kind. Without scripts all of them are shown.
const apply = (row) => {
  const chosen = row.querySelector("[data-check-kind]").selectedOptions[0];
  for (const [place, label] of [["first", chosen.dataset.first], ["second", chosen.dataset.second]]) {
    const field = row.querySelector(`[data-check-${place}]`);
    field.hidden = !label;
    if (label) field.querySelector("[data-check-label]").textContent = label;
  }
  row.querySelector("[data-check-case]").hidden = !("case" in chosen.dataset);
};

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-check-kind]")) apply(event.target.closest("[data-check-row]"));
});

for (const row of document.querySelectorAll("[data-check-row]")) apply(row);
