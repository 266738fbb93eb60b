// <details class="menu"> behaves like a menu: one open at a time, closed by Escape and by a click elsewhere.
(() => {
  const open = () => document.querySelectorAll("details.menu[open]");

  document.addEventListener("click", (event) => {
    for (const menu of open()) {
      const chose = event.target.closest(".menu-item") && menu.contains(event.target);
      if (chose || !menu.contains(event.target)) menu.open = false;
    }
  });

  // In the capture phase, so that Escape closes a menu before it means anything else.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") return;
      for (const menu of open()) {
        menu.open = false;
        menu.querySelector("summary").focus();
        event.stopPropagation();
        event.preventDefault();
      }
    },
    true,
  );
})();
