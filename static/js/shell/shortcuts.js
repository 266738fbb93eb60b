// The keyboard shortcuts of the playground. chat/_shortcuts.html lists them.
import { part, threadOf } from "../thread/roots.js";
import { concernsThread } from "./escape.js";
import { openPane, togglePane } from "./panes.js";

const WRITTEN_IN = "input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]";

const WITH_CONTROL = {
  k: () => {
    openPane("sidebar");
    const search = document.getElementById("search");
    search?.focus();
    search?.select();
  },
  b: () => togglePane("sidebar"),
  ".": () => togglePane("panel"),
};
const ALONE = {
  "/": (event) => part(threadOf(event.target), "prompt")?.focus(),
  "?": () => document.getElementById("shortcuts").showModal(),
};

// The menu opens with the focus on the workspace that is shown now.
const switchWorkspace = () => {
  openPane("sidebar");
  const menu = document.querySelector(".workspace-menu");
  if (!menu) return;
  menu.open = true;
  (menu.querySelector("[aria-current]") ?? menu.querySelector("summary")).focus();
};
// Together with Control and Shift.
const WITH_SHIFT = { o: () => document.querySelector("[data-new-chat]")?.click(), k: switchWorkspace };

const stopAnswer = (event) => {
  if (!concernsThread(event.target)) return;
  const button = threadOf(event.target).querySelector("[data-stop]:not([hidden], :disabled)");
  if (!button) return;
  event.preventDefault();
  button.click();
};

const actionFor = (event, hasControl) => {
  if (hasControl) return event.shiftKey ? WITH_SHIFT[event.key.toLowerCase()] : WITH_CONTROL[event.key];
  return event.altKey || event.target.closest?.(WRITTEN_IN) ? null : ALONE[event.key];
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open], [popover]:popover-open")) return;
  const hasControl = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (event.key === "Escape") return stopAnswer(event);
  const action = actionFor(event, hasControl);
  if (!action) return;
  event.preventDefault();
  action(event);
});
