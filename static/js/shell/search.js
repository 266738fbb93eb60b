// The search for conversations by keyboard: arrow keys walk the results, Enter opens the first one.
import { announce } from "./announcer.js";
import { rows } from "./conversation_list.js";

const box = document.getElementById("search");
const list = document.getElementById("sidebar-list");
// The query that the list shows, and whether Enter waits for the results of the query in the box.
let found = "";
let isAwaited = false;


const walk = (event) => {
  const all = rows();
  const from = all.indexOf(document.activeElement);
  const to = { ArrowDown: from + 1, ArrowUp: from - 1 }[event.key];
  if (to === undefined || (from < 0 && event.target !== box)) return;
  event.preventDefault();
  if (to < 0) box.focus();
  else all[Math.min(to, all.length - 1)]?.focus();
};

const openFirst = (event) => {
  event.preventDefault();
  if (found === box.value) return rows()[0]?.click();
  isAwaited = true;
  box.form.requestSubmit();
};

box.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && box.value) openFirst(event);
  else walk(event);
});
list.addEventListener("keydown", walk);

list.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== list) return;
  // Not a list that was only brought up to date.
  if (event.detail.requestConfig?.elt !== box.form) return;
  found = new URLSearchParams(event.detail.requestConfig.formData).get("q") ?? "";
  const others = list.querySelectorAll("[data-elsewhere] .sidebar-row").length;
  const count = rows().length - others;
  const words = list.querySelector("[data-more]")
    ? `More than ${count} conversations found.`
    : `${count} ${count === 1 ? "conversation" : "conversations"} found.`;
  if (found) announce(count + others ? `${words}${others ? ` ${others} other ${others === 1 ? "hit" : "hits"}.` : ""}` : "Nothing found.");
  if (isAwaited && found === box.value) rows()[0]?.click();
  isAwaited = false;
});
