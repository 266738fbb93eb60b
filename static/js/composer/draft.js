// What is being written is kept in this browser, for each conversation, until it has been sent.
(() => {
  const PREFIX = "draft:";
  const memory = new Map();
  const prompt = () => document.getElementById("prompt");

  const read = (name) => {
    if (memory.has(name)) return memory.get(name);
    try {
      return localStorage.getItem(PREFIX + name) ?? "";
    } catch {
      return "";
    }
  };

  const write = (name, text) => {
    memory.set(name, text);
    try {
      if (text) localStorage.setItem(PREFIX + name, text);
      else localStorage.removeItem(PREFIX + name);
    } catch {
      // Full or forbidden storage: the page itself still has the text.
    }
  };

  const restore = () => {
    const box = prompt();
    if (!box) return;
    const text = read(box.dataset.draft);
    // The server echoes the text as it was when the request left; what was typed since is newer.
    if (text && box.value !== text) {
      box.value = text;
      box.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true }));
    }
  };

  document.addEventListener("input", (event) => {
    if (event.target === prompt()) write(event.target.dataset.draft, event.target.value);
  });

  document.addEventListener("composer:sent", (event) => {
    const { name, text } = event.detail;
    if (read(name) === text) write(name, "");
  });

  // The next person at this browser should not find it.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-sign-out]")) return;
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  });

  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt.id === "composer") restore();
  });
  restore();
})();
