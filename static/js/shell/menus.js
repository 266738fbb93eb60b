// <details class="menu"> behaves like a menu: one open at a time, closed by Escape and by a click elsewhere.
// <details class="confirm"> asks something: closed by Escape, and nothing that was written in it is lost by a click.
(() => {
  const open = () => document.querySelectorAll("details.menu[open]");
  const closable = () => document.querySelectorAll("details:is(.menu, .confirm)[open]");

  document.addEventListener("click", (event) => {
    for (const menu of open()) {
      const chose = event.target.closest(".menu-item") && menu.contains(event.target);
      if (chose || !menu.contains(event.target)) menu.open = false;
    }
  });

  // What a question asks for is written at once.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target.matches?.("details.confirm[open]")) target.querySelector("input:not([type=hidden]), textarea, select")?.focus();
    },
    true,
  );

  // In the capture phase, so that Escape closes a menu before it means anything else.
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
})();
