// The tabs, tries and kinds of the inspector are links, which are followed inside of it. Arrow keys move among the tabs, and
// the last tab is remembered.
import { read, write } from "../shell/storage.js";
import { mark } from "./find.js";

const STORED = "inspector:tab";

export const lastTab = () => read(STORED) ?? "request";

const follow = async (link) => {
  const section = link.closest("[data-inspector]");
  const { parentElement } = section;
  const words = section.querySelector("[data-inspector-find]").value;
  if (link.dataset.inspectorTab) write(STORED, link.dataset.inspectorTab);
  await htmx.ajax("GET", link.getAttribute("href"), { source: link, target: section, swap: "outerHTML" });
  const renewed = parentElement.querySelector("[data-inspector]");
  document.getElementById(link.id)?.focus({ preventScroll: true });
  const find = renewed?.querySelector("[data-inspector-find]");
  if (!find || !words) return;
  find.value = words;
  mark(renewed);
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-inspector-tab], [data-inspector-link]");
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  follow(link);
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[data-inspector-tab]");
  if (!tab) return;
  const tabs = [...tab.parentElement.children];
  const at = tabs.indexOf(tab);
  const goal = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1, " ": at }[event.key];
  if (goal === undefined) return;
  event.preventDefault();
  const next = tabs.at(goal % tabs.length);
  next.focus();
  follow(next);
});
