// The search for conversations from the keyboard: arrows walk what was found, Enter opens the first of it.
(() => {
  const box = document.getElementById("search");
  const list = document.getElementById("sidebar-list");
  if (!box || !list) return;
  // What the list was found for, and whether Enter waits for what is asked now.
  let found = "";
  let isAwaited = false;

  const rows = () => [...list.querySelectorAll(".sidebar-row")];

  const walk = (event) => {
    const all = rows();
    const from = all.indexOf(document.activeElement);
    const to = { ArrowDown: from + 1, ArrowUp: from - 1 }[event.key];
    if (to === undefined || (from < 0 && event.target !== box)) return;
    event.preventDefault();
    if (to < 0) box.focus();
    else all[Math.min(to, all.length - 1)]?.focus();
  };

  const enter = (event) => {
    event.preventDefault();
    if (found === box.value) return rows()[0]?.click();
    isAwaited = true;
    box.form.requestSubmit();
  };

  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && box.value) enter(event);
    else walk(event);
  });
  list.addEventListener("keydown", walk);

  list.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== list) return;
    found = new URLSearchParams(event.detail.requestConfig?.formData ?? "").get("q") ?? found;
    const many = rows().length;
    const words = many ? `${many} ${many === 1 ? "conversation" : "conversations"} found.` : "Nothing found.";
    if (found) document.dispatchEvent(new CustomEvent("announce", { detail: words }));
    if (isAwaited && found === box.value) rows()[0]?.click();
    isAwaited = false;
  });
})();
