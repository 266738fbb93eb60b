// The menu of a row in the list of conversations.
import { focusRow, refreshList, rows, shownCode } from "./conversation_list.js";
import { PopoverMenu } from "./popover_menu.js";
import { renameRow } from "./row_rename.js";
import { tell } from "./toasts.js";

const ANY_CODE = "00000000-0000-0000-0000-000000000000";
const list = document.getElementById("sidebar-list");
const element = document.getElementById("row-menu");

const act = async ({ action, place: chosen }, isByKeyboard) => {
  const index = rows().findIndex((row) => row.id === `row-${menu.opener.dataset.row}`);
  const values = { current: shownCode(), ...(chosen === undefined ? {} : { place: chosen }) };
  await menu.request("POST", action, values);
  const undo = document.querySelector("#toasts [data-toast]:last-child [data-undo]");
  if (isByKeyboard && chosen === undefined && undo) undo.focus();
  else if (document.activeElement === document.body) focusRow(index);
};

const menu = new PopoverMenu(element, {
  buttons: ".row-more",
  urlOf: (button) => element.dataset.url.replace(ANY_CODE, button.dataset.row),
  again: (button) => document.getElementById(button.id),
  choose: (item, event) => {
    if ("renameRow" in item.dataset) renameRow(menu.opener.dataset.row, (...asked) => menu.request(...asked));
    else if (item.dataset.action) act(item.dataset, event.detail === 0);
  },
});

list.addEventListener("scroll", () => menu.close(), { passive: true });

element.addEventListener("htmx:responseError", () => {
  tell("This conversation was deleted, or you may no longer do this with it.");
  refreshList();
});
