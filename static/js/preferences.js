// Runs before the first paint: what this browser was told about theme and panes, as attributes of <html>, and its time zone,
// as a cookie for the server (accounts/time_zones.py).
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
  const zone = `time_zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  if (!document.cookie.split("; ").includes(zone)) {
    document.cookie = `${zone}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  }
  for (const pane of ["sidebar", "panel"]) {
    if (stored(`pane:${pane}`) === "folded") root.dataset[pane] = "folded";
  }
})();
