// Leads from an error in the composer to its parameter, also if that is folded away.
import { openPane } from "../shell/panes.js";

const CONTROL = "input:not([type=hidden], [type=range], [data-state]), select, textarea";
const place = (button) => document.getElementById(`${button.dataset.showParameter}--error`);

const isShown = (control) => control.checkVisibility() && (control.type !== "radio" || control.checked);

const uncover = (parameter) => {
  openPane("panel");
  const find = parameter.closest("[data-parameters]").querySelector("[data-find]");
  if (find && parameter.closest("[data-parameter][hidden]")) {
    find.value = "";
    find.dispatchEvent(new Event("input", { bubbles: true }));
  }
  parameter.closest("[data-group]").open = true;
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-show-parameter]");
  const parameter = button && place(button)?.closest(".parameter, .parameter-part");
  if (!parameter) return;
  uncover(parameter);
  const control = [...parameter.querySelectorAll(CONTROL)].find(isShown);
  parameter.scrollIntoView({ block: "center" });
  control?.focus({ preventScroll: true });
});

// Errors that are corrected disappear.
document.addEventListener("parameters:renewed", () => {
  for (const button of document.querySelectorAll("[data-show-parameter]")) {
    if (!place(button)?.textContent) button.closest(".notice").remove();
  }
});
