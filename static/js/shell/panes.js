// The outer panes fold, and the choice is remembered; where there is no room for them they slide over the transcript.
(() => {
  const root = document.documentElement;
  const app = document.getElementById("app");
  const main = document.getElementById("main");
  const NARROW = { sidebar: matchMedia("(width < 760px)"), panel: matchMedia("(width < 1120px)") };
  let opener = null;

  const isOpen = (name) => (NARROW[name].matches ? app.dataset.over === name : root.dataset[name] !== "folded");

  const show = () => {
    for (const button of document.querySelectorAll("[data-pane]")) {
      button.setAttribute("aria-expanded", String(isOpen(button.dataset.pane)));
    }
    // What lies under a pane cannot be reached until the pane is closed.
    const over = app.dataset.over;
    main.inert = Boolean(over);
    for (const name of ["sidebar", "panel"]) document.getElementById(name).inert = Boolean(over) && over !== name;
  };

  const fold = (name) => {
    const folds = root.dataset[name] !== "folded";
    if (folds) root.dataset[name] = "folded";
    else delete root.dataset[name];
    try {
      if (folds) localStorage.setItem(`pane:${name}`, "folded");
      else localStorage.removeItem(`pane:${name}`);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  };

  const close = () => {
    const button = main.querySelector(`[data-pane="${app.dataset.over}"]`);
    delete app.dataset.over;
    show();
    // What opened it may have gone meanwhile.
    (opener?.isConnected ? opener : button)?.focus({ preventScroll: true });
    opener = null;
  };

  const slide = (name) => {
    if (app.dataset.over === name) return close();
    opener = document.activeElement;
    app.dataset.over = name;
    show();
    document.getElementById(name).querySelector("a, button, input, summary")?.focus({ preventScroll: true });
  };

  const toggle = (name) => {
    if (NARROW[name].matches) slide(name);
    else {
      fold(name);
      show();
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pane]");
    if (button) toggle(button.dataset.pane);
    if (event.target.closest("[data-close-panes]")) close();
  });
  document.addEventListener("pane:toggle", (event) => toggle(event.detail));
  document.addEventListener("pane:open", (event) => {
    if (!isOpen(event.detail)) toggle(event.detail);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !app.dataset.over || event.defaultPrevented) return;
    event.preventDefault();
    close();
  });
  // A pane that slid over has nothing to slide over once there is room again.
  for (const query of Object.values(NARROW)) {
    query.addEventListener("change", () => {
      delete app.dataset.over;
      show();
    });
  }
  show();
})();
