// <details class="menu"> behaves like a menu: one open at a time, closed by Escape and by a click elsewhere.
// <details class="confirm"> asks a question: Escape closes it, a click elsewhere does not, so no input is lost.
const open = () => document.querySelectorAll("details.menu[open]");
const closable = () => document.querySelectorAll("details:is(.menu, .confirm)[open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    const chose = event.target.closest(".menu-item") && menu.contains(event.target);
    if (chose || !menu.contains(event.target)) menu.open = false;
  }
});

// The answer to a question can be typed at once.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.matches?.("details.confirm[open]")) target.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  },
  true,
);

// The arrow keys move between the items, and from the button of an open menu to the first one.
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step || !event.target.matches("summary, .menu-item")) return;
  const items = [...menu.querySelectorAll(".menu-item")].filter((item) => item.checkVisibility());
  if (!items.length) return;
  const at = items.indexOf(event.target);
  items.at(at === -1 && step < 0 ? -1 : (at + step) % items.length).focus();
  event.preventDefault();
});

// The capture phase comes first: Escape closes a menu before it does anything else.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape") return;
    for (const menu of closable()) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
      event.preventDefault();
    }
  },
  true,
);
