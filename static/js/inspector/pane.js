// The inspector beside an answer: it takes the place of the parameters, and on a phone of the whole page. Links with
// data-inspect open it, and without this script they lead to a page with the same.
import { isPaneOpen, togglePane } from "../shell/panes.js";
import { tell } from "../shell/toasts.js";
import { lastTab } from "./tabs.js";

const place = document.getElementById("inspector");
const panel = document.getElementById("panel");
let opener = null;
let wasFolded = false;

// A frame may have replaced the answer and the link in it.
const sameAs = (link) => {
  if (!link || link.isConnected) return link;
  const href = link.getAttribute("href");
  return href ? document.querySelector(`[data-inspect][href="${CSS.escape(href)}"]`) : document.getElementById(link.id);
};

const reveal = (from) => {
  if (place.hidden) wasFolded = !isPaneOpen("panel");
  // An item of a menu is hidden by now, and the button of the menu has the focus.
  opener = from.closest("[popover]") ? document.activeElement : from;
  place.hidden = false;
  panel.setAttribute("aria-labelledby", "inspector-heading");
  if (!isPaneOpen("panel")) togglePane("panel");
};

const show = (link, tab) => {
  reveal(link);
  htmx.ajax("GET", `${link.getAttribute("href")}?tab=${tab}`, { source: place, target: place, swap: "innerHTML" });
};

const close = () => {
  place.hidden = true;
  place.replaceChildren();
  panel.setAttribute("aria-labelledby", "panel-heading");
  if (wasFolded && isPaneOpen("panel")) togglePane("panel");
  sameAs(opener)?.focus({ preventScroll: true });
  opener = null;
};

const isPlainClick = (event) => event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

// The figures under an answer lead to where they come from, unless somebody selects them.
const costLink = (event) => {
  const receipt = event.target.closest(".receipt");
  return receipt && getSelection().isCollapsed ? receipt.querySelector("[data-inspect]") : null;
};

document.addEventListener("click", (event) => {
  if (!isPlainClick(event)) return;
  const link = event.target.closest("[data-inspect]");
  const cost = !link && !event.target.closest("a, button") && costLink(event);
  if (!link && !cost) return;
  event.preventDefault();
  show(link ?? cost, cost ? "cost" : lastTab());
});
// htmx fetches the next request for the button that shows it.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-show-request]");
  if (button) reveal(button);
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === place) place.querySelector("#inspector-heading")?.focus({ preventScroll: true });
});
for (const name of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(name, ({ detail }) => {
    if (detail.target !== place) return;
    close();
    tell("This could not be loaded. Try again.");
  });
}

// These come before the panes' own: the inspector closes first, and the parameters are behind it.
document.addEventListener(
  "click",
  (event) => {
    if (place.hidden) return;
    if (event.target.closest("[data-inspector-close], [data-close-panes]")) close();
    else if (event.target.closest("[data-pane=panel]")) {
      event.stopPropagation();
      wasFolded = false;
      close();
    }
  },
  { capture: true },
);
document.addEventListener(
  "keydown",
  (event) => {
    const { target } = event;
    if (event.key !== "Escape" || place.hidden || event.isComposing || document.querySelector("dialog[open], [popover]:popover-open")) return;
    // The search is cleared first. In the composer, Escape stops an answer.
    if (!panel.contains(target) && target !== document.body) return;
    if (target.matches("input[type=search]") && target.value) return;
    event.preventDefault();
    close();
  },
  { capture: true },
);
