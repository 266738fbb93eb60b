// Lists of entries and of pairs: adds and removes rows. The focus goes to the next place to type.
import { parametersChanged } from "./form.js";
import { fetchPart } from "./parts.js";
import { removeTag } from "./tags.js";

const FIRST = "input:not([type=hidden], [type=range]), select, textarea";
const rowsOf = (rows) => [...rows.querySelectorAll(":scope > [data-row]")];

const focusIn = (row) => {
  const first = row.querySelector(FIRST);
  const isRadio = first?.type === "radio";
  const place = isRadio ? (row.querySelector(`[name="${CSS.escape(first.name)}"]:checked`) ?? first) : first;
  place?.focus();
  return place;
};

const nextIndex = (rows) => Math.max(-1, ...rowsOf(rows).map((row) => Number(row.dataset.row))) + 1;

// A new row comes from the pattern in the page, or from the server if the pattern is too large for the page.
const add = (rows, added) => {
  const index = nextIndex(rows);
  const button = rows.querySelector(":scope > [data-add]");
  const pattern = rows.querySelector(":scope > template");
  const done = () => {
    relabel(rows);
    const row = rowsOf(rows).find((each) => Number(each.dataset.row) === index);
    if (row) added?.(row);
  };
  if (!pattern) {
    if (button.hasAttribute("aria-busy")) return;
    // The row is put in before the button that asks for it.
    fetchPart(`${rows.dataset.rows}.${index}`, button, "beforebegin").then(done);
    return;
  }
  // The placeholder of this list only: lists inside it have their own.
  const placeholder = pattern.content.querySelector("[data-row]").dataset.row;
  const fresh = pattern.content.cloneNode(true);
  number(fresh, placeholder, index);
  button.before(fresh);
  done();
};

// Numbers the names and ids of a new row. Patterns inside it keep their own placeholders.
const number = (part, placeholder, index) => {
  for (const element of part.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      if (attribute.value.includes(placeholder)) attribute.value = attribute.value.replaceAll(placeholder, index);
    }
    if (element.content) number(element.content, placeholder, index);
  }
};

const relabel = (rows) => {
  rowsOf(rows).forEach((row, place) => {
    if (row.matches(".is-pair")) return;
    row.setAttribute("aria-label", `Entry ${place + 1}`);
    row.querySelector(":scope > [data-remove]")?.setAttribute("aria-label", `Remove entry ${place + 1}`);
  });
};

const addAndFocus = (rows) => {
  add(rows, (row) => {
    focusIn(row);
    parametersChanged(rows);
  });
};

const removeRow = (row) => {
  const rows = row.parentElement;
  const place = rowsOf(rows).indexOf(row);
  row.remove();
  relabel(rows);
  const next = rowsOf(rows)[place] ?? rowsOf(rows)[place - 1];
  if (!next || !focusIn(next)) rows.querySelector(":scope > [data-add]").focus();
  parametersChanged(rows);
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add], [data-remove]");
  if (!button?.closest("[data-parameters]")) return;
  if (button.matches("[data-add]")) addAndFocus(button.closest("[data-rows]"));
  else if (button.closest(".parameter-tag")) removeTag(button.closest(".parameter-tag"));
  else removeRow(button.closest("[data-row]"));
});

document.addEventListener("parameters:reset", (event) => {
  for (const row of event.target.querySelectorAll("[data-row]")) row.remove();
  for (const rows of event.target.querySelectorAll("[data-rows]")) {
    if (rows.querySelector(":scope > template")?.content.querySelector(".is-pair")) add(rows);
  }
});

const goToNextBox = (input) => {
  const row = input.closest(".is-pair");
  // Enter in a tag is for tags.js.
  if (!row || input.closest(".parameter-tag:not(.is-next)")) return;
  const boxes = [...row.querySelectorAll(FIRST)];
  const next = boxes[boxes.indexOf(input) + 1];
  if (next) next.focus();
  else if (row.nextElementSibling.matches("[data-row]")) focusIn(row.nextElementSibling);
  else if (boxes[0].value !== "") addAndFocus(row.parentElement);
};

// Enter goes to the next box.
document.addEventListener("keydown", (event) => {
  const control = event.target;
  if (!control.matches?.("[data-parameters] input") || event.isComposing) return;
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  goToNextBox(control);
});
