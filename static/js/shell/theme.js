// The light / auto / dark switch. Auto follows the system and stores nothing.
(() => {
  const root = document.documentElement;

  const show = () => {
    const theme = root.dataset.theme ?? "auto";
    for (const radio of document.querySelectorAll(`[data-theme-switch] input`)) {
      radio.checked = radio.value === theme;
    }
  };

  const apply = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    show();
  };

  document.addEventListener("change", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const theme = event.target.value;
    apply(theme);
    try {
      if (theme === "auto") localStorage.removeItem("theme");
      else localStorage.setItem("theme", theme);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  });
  // The other tabs of this browser follow.
  window.addEventListener("storage", (event) => {
    if (event.key === "theme") apply(event.newValue);
  });
  show();
})();
