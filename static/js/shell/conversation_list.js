// The list of conversations: it is brought up to date without losing its place, and grows at its end.
import { announce } from "./announcer.js";

const list = document.getElementById("sidebar-list");
// Several answers may end within a moment.
const REFRESH_MS = 100;

export const rows = () => [...list.querySelectorAll(".sidebar-row")];
const state = () => list.querySelector("[data-list-url]").dataset;
const isRenaming = () => list.querySelector(".row-form") !== null;

// The code of the conversation that the page shows, or "".
export const shownCode = () => document.querySelector(".search [name=current]")?.value ?? "";

// Whether a conversation stands first among its likes, so that a prompt does not move it.
export const isFirst = (code) => {
  const row = document.getElementById(`row-${code}`);
  return Boolean(row?.matches(".sidebar-item:first-child > *")) && !list.querySelector("[data-asked]");
};

export const focusRow = (index = 0) => {
  const all = rows();
  (all[Math.min(index, all.length - 1)] ?? document.getElementById("search")).focus({ preventScroll: true });
};

// The rows in sight with their distances from the top, while the list is scrolled.
let inSight = null;

const keepPlace = () => {
  const { top, bottom } = list.getBoundingClientRect();
  const boxes = list.scrollTop ? rows().map((row) => [row.id, row.getBoundingClientRect()]) : [];
  inSight = boxes.filter(([, box]) => box.bottom > top && box.top < bottom);
};

// A row in sight may have moved to the top of the list, so the one that moved least gives the place.
const returnToPlace = () => {
  const moves = (inSight ?? []).flatMap(([id, box]) => {
    const row = document.getElementById(id);
    return row ? [row.getBoundingClientRect().top - box.top] : [];
  });
  inSight = null;
  if (moves.length) list.scrollTop += moves.reduce((least, move) => (Math.abs(move) < Math.abs(least) ? move : least));
};

let timer = 0;
let isDue = false;

// Fetches the part of the list that is unfolded.
export const refreshList = () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    isDue = isRenaming();
    if (isDue) return;
    // Pinned ones are listed apart, and all of them.
    const shown = list.querySelectorAll(".sidebar-rows:not([data-pinned]) .sidebar-row").length;
    const path = `${state().listUrl}&shown=${shown}`;
    htmx.ajax("GET", path, { source: list, target: list, swap: "innerHTML" });
  }, REFRESH_MS);
};

// Fetches what was put off while a title was being written.
export const refreshIfDue = () => {
  if (isDue) refreshList();
};

// Frames and answers bring the first portion. That is not enough if more is unfolded, or something else is shown.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target !== list) return;
  if (!isRenaming() && !list.querySelector("[data-asked]")) return keepPlace();
  event.detail.shouldSwap = false;
  refreshList();
});
document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target === list) returnToPlace();
});

list.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, target } = event.detail;
  if (target !== list) return;
  const isRefresh = requestConfig.elt === list;
  // The list shows something else by now, or a title is being written.
  if (isRefresh && (isRenaming() || !requestConfig.path.startsWith(state().listUrl))) event.detail.shouldSwap = false;
  else if (isRefresh) keepPlace();
  else list.scrollTop = 0;
});
list.addEventListener("htmx:afterSwap", (event) => {
  if (event.target === list) returnToPlace();
});

// The button at the end is replaced by the next rows. If it had the focus, the first of them has it then.
let grownFrom = null;
list.addEventListener("htmx:beforeSwap", (event) => {
  const button = event.detail.requestConfig.elt;
  if (!button.matches("[data-more]") || !event.detail.shouldSwap) return;
  grownFrom = { count: rows().length, hadFocus: document.activeElement === button };
});
list.addEventListener("htmx:load", () => {
  if (!grownFrom) return;
  const { count, hadFocus } = grownFrom;
  grownFrom = null;
  if (hadFocus) focusRow(count);
  if (hadFocus) announce(`${rows().length - count} more conversations.`);
});

// Archived conversations and all others: a search is over.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-narrows]");
  if (button) document.getElementById("search").value = "";
});
