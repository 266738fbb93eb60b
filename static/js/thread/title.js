// Renaming where the title stands. Enter or leaving keeps it, Escape does not.
(() => {
  const header = document.getElementById("conversation-header");
  const form = () => header.querySelector(".title-form");
  const title = () => header.querySelector(".title");
  const menu = () => document.getElementById("conversation-more");

  const open = () => {
    if (!form()) return;
    title().hidden = true;
    form().hidden = false;
    form().elements.title.select();
    form().elements.title.focus();
  };

  const close = () => {
    if (!form() || form().hidden) return;
    form().reset();
    form().hidden = true;
    title().hidden = false;
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-rename]")) open();
  });
  header.addEventListener("dblclick", (event) => {
    if (event.target.closest(".title")) open();
  });

  header.addEventListener("keydown", (event) => {
    if (!form()?.contains(event.target) || event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
      menu().focus();
    } else if (event.key === "Enter") {
      event.preventDefault();
      // Leaving keeps it.
      menu().focus();
    }
  });

  header.addEventListener("focusout", (event) => {
    const input = event.target;
    if (!input.matches(".title-form input") || form().hidden) return;
    if (input.value.trim() && input.value !== input.defaultValue) form().requestSubmit();
    else close();
  });

  // The fragment cannot reach the tab's title.
  new MutationObserver(() => {
    const text = header.querySelector(".title-text")?.textContent;
    if (text) document.title = `${text} · Playground`;
  }).observe(header, { childList: true });
})();
