// The menu of a row in the list of conversations. The page has one, which is fetched for the row that it opens for.
import { focusRow, refreshList, rows, shownCode } from "./conversation_list.js";
import { renameRow } from "./row_rename.js";
import { tell } from "./toasts.js";

const ANY_CODE = "00000000-0000-0000-0000-000000000000";
const GAP = 4;
const list = document.getElementById("sidebar-list");
const menu = document.getElementById("row-menu");
// The button that the menu belongs to, and the one whose menu was open when the pointer came down.
let opener = null;
let pressed = null;

const isOpen = () => menu.matches(":popover-open");
const items = () => [...menu.querySelectorAll("[role=menuitem]")];

// Below its button, or above where there is no room.
const place = () => {
  const button = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const isBelow = button.bottom + GAP + height <= innerHeight;
  menu.style.left = `${Math.max(GAP, Math.min(button.left, innerWidth - width - GAP))}px`;
  menu.style.top = `${Math.max(GAP, isBelow ? button.bottom + GAP : button.top - GAP - height)}px`;
};

const close = (hasFocus = false) => {
  if (isOpen()) menu.hidePopover();
  if (hasFocus) opener?.focus({ preventScroll: true });
};

// The menu makes all requests for its rows: a row may leave the page before its answer comes.
const request = async (verb, path, values = {}) => {
  try {
    const swap = verb === "GET" ? "innerHTML" : "none";
    await htmx.ajax(verb, path, { source: menu, target: menu, swap, values });
  } catch {
    tell("The server cannot be reached. Try again.");
  }
};
menu.addEventListener("htmx:responseError", () => {
  tell("This conversation was deleted, or you may no longer do this with it.");
  refreshList();
});

const open = async (button) => {
  opener = button;
  menu.replaceChildren();
  await request("GET", menu.dataset.url.replace(ANY_CODE, button.dataset.row));
  if (opener !== button || !items().length) return;
  // The list may have been brought up to date meanwhile.
  opener = document.getElementById(button.id);
  if (!opener) return;
  menu.showPopover();
  opener.setAttribute("aria-expanded", "true");
  place();
  items()[0].focus({ preventScroll: true });
};

const act = async ({ action, place: chosen }, isByKeyboard) => {
  const index = rows().findIndex((row) => row.id === `row-${opener.dataset.row}`);
  const values = { current: shownCode(), ...(chosen === undefined ? {} : { place: chosen }) };
  await request("POST", action, values);
  const undo = document.querySelector("#toasts [data-toast]:last-child [data-undo]");
  if (isByKeyboard && chosen === undefined && undo) undo.focus();
  else if (document.activeElement === document.body) focusRow(index);
};

list.addEventListener("pointerdown", (event) => {
  pressed = isOpen() ? event.target.closest("[data-row]") : null;
});
list.addEventListener("click", (event) => {
  const button = event.target.closest(".row-more");
  if (!button) return;
  // The press has closed its menu.
  if (button === pressed && button === opener) pressed = null;
  else open(button);
});
list.addEventListener("scroll", () => close(), { passive: true });
window.addEventListener("resize", () => close());

menu.addEventListener("toggle", (event) => {
  if (event.newState === "closed") opener?.setAttribute("aria-expanded", "false");
});

menu.addEventListener("click", (event) => {
  const item = event.target.closest("[role=menuitem]");
  if (!item) return;
  close(true);
  if ("renameRow" in item.dataset) renameRow(opener.dataset.row, request);
  else if (item.dataset.action) act(item.dataset, event.detail === 0);
});

menu.addEventListener("keydown", (event) => {
  const all = items();
  const from = all.indexOf(document.activeElement);
  const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    close(true);
    if (event.key === "Tab") return;
    event.stopPropagation();
  } else if (to === undefined) return;
  else all.at(to % all.length).focus();
  event.preventDefault();
});
