// The tabs, tries and kinds of the inspector are links, which are followed inside of it. Arrow keys move among the tabs, and
// the last tab is remembered.
import { read, write } from "../shell/storage.js";
import { mark } from "./find.js";

const STORED = "inspector:tab";

export const lastTab = () => read(STORED) ?? "request";

// A key that is held goes on before the answer for the first tab has come: only the last one is fetched after that.
let latest = 0;
let before = Promise.resolve();

const fetchTab = async (place, id, href) => {
  const section = place.querySelector("[data-inspector]");
  if (!section) return;
  let words = "";
  // The search may change while the tab is on its way.
  section.addEventListener("htmx:beforeSwap", () => {
    words = section.querySelector("[data-inspector-find]").value;
  });
  await htmx.ajax("GET", href, { source: section, target: section, swap: "outerHTML" });
  const renewed = place.querySelector("[data-inspector]");
  // htmx gives the focus back to a field that had it.
  if (document.activeElement?.id !== "inspector-find") document.getElementById(id)?.focus({ preventScroll: true });
  if (!renewed || !words) return;
  renewed.querySelector("[data-inspector-find]").value = words;
  mark(renewed);
};

const follow = (link) => {
  latest += 1;
  const turn = latest;
  const place = link.closest("[data-inspector]").parentElement;
  const href = link.getAttribute("href");
  if (link.dataset.inspectorTab) write(STORED, link.dataset.inspectorTab);
  before = before.then(() => turn === latest && fetchTab(place, link.id, href)).catch(() => {});
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
