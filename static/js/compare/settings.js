// The panel shows the model and the parameters of one column, which its button chooses.
import { openPane } from "../shell/panes.js";

const place = document.getElementById("column-settings");
const inspector = document.getElementById("inspector");
const shown = () => place.querySelector("[data-settings-of]")?.dataset;

const mark = () => {
  const code = shown()?.settingsOf;
  for (const column of document.querySelectorAll(".compare-column")) {
    column.toggleAttribute("data-focused", column.dataset.thread === code);
    column.querySelector("[data-settings]")?.setAttribute("aria-pressed", String(column.dataset.thread === code));
  }
};

// The picker chooses for the column whose settings are shown.
const aimPicker = () => {
  const form = document.querySelector("[data-picker-choose]");
  if (!form || !shown()) return;
  form.setAttribute("hx-post", shown().configureUrl);
  form.removeAttribute("hx-include");
  htmx.process(form);
};

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-settings]")) return;
  if (!inspector.hidden) inspector.querySelector("[data-inspector-close]")?.click();
  openPane("panel");
});

// The button of a column's model opens the picker for that column.
document.addEventListener(
  "click",
  async (event) => {
    const button = event.target.closest(".compare-column [data-picker-open]");
    const column = button?.closest(".compare-column");
    if (!button || column.dataset.thread === shown()?.settingsOf) return;
    event.stopPropagation();
    await htmx.ajax("GET", column.querySelector("[data-settings]").getAttribute("hx-get"), { target: place, swap: "innerHTML" });
    if (column.dataset.thread === shown()?.settingsOf && button.isConnected) button.click();
  },
  true,
);

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== place) return;
  mark();
  aimPicker();
});

// Frames and answers bring the parameters of any column. Those of another one than the shown are left out.
const isOfAnother = (fragment) => {
  const of = fragment.querySelector?.("[name=of], [data-of]");
  const code = of?.value ?? of?.dataset.of;
  return code !== undefined && code !== shown()?.settingsOf;
};

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.matches("#parameters, #model-picker, #endpoint-choice") && isOfAnother(fragment)) event.detail.shouldSwap = false;
});

mark();
aimPicker();
