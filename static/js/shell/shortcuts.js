// The keys of the playground; chat/_shortcuts.html lists them.
(() => {
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
  const isWriting = (target) => target.closest?.("input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]");
  const focus = (id) => {
    const box = document.getElementById(id);
    box?.focus();
    box?.select?.();
  };

  const WITH_CONTROL = {
    k: () => {
      tell("pane:open", "sidebar");
      focus("search");
    },
    b: () => tell("pane:toggle", "sidebar"),
    ".": () => tell("pane:toggle", "panel"),
  };
  const ALONE = {
    "/": () => document.getElementById("prompt")?.focus(),
    "?": () => document.getElementById("shortcuts").showModal(),
  };

  const stop = (event) => {
    const button = document.querySelector("[data-stop]:not([hidden], :disabled)");
    if (!button) return;
    event.preventDefault();
    button.click();
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open], [popover]:popover-open")) return;
    const control = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (event.key === "Escape") return stop(event);
    if (control && event.shiftKey && event.key.toLowerCase() === "o") {
      event.preventDefault();
      document.querySelector("[data-new-chat]")?.click();
      return;
    }
    const action = control && !event.shiftKey ? WITH_CONTROL[event.key] : !control && !event.altKey && !isWriting(event.target) && ALONE[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
})();
