// Runs before the first paint: what this browser was told about theme and panes, as attributes of <html>.
(() => {
  const root = document.documentElement;
  const stored = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // Storage may be forbidden; the defaults are fine then.
    }
  };
  const theme = stored("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  for (const pane of ["sidebar", "panel"]) {
    if (stored(`pane:${pane}`) === "folded") root.dataset[pane] = "folded";
  }
})();
