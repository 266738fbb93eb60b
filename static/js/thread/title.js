// Renames a conversation in its header. Enter and leaving the box save the title, Escape does not. A title that changes
// elsewhere never replaces what is being typed.
import { setPageTitle } from "../shell/page_title.js";
import { part } from "./roots.js";

export const startTitle = (root) => {
  const header = part(root, "header");
  if (!header) return;
  const form = () => header.querySelector(".title-form");
  const title = () => header.querySelector(".title");
  const menu = () => part(root, "more");
  const shown = () => header.querySelector(".title-text")?.textContent ?? "";

  const open = () => {
    if (!form()) return;
    form().elements.title.defaultValue = shown();
    form().reset();
    title().hidden = true;
    form().hidden = false;
    form().elements.title.select();
    form().elements.title.focus();
  };

  const close = () => {
    if (!form() || form().hidden) return;
    form().elements.title.defaultValue = shown();
    form().reset();
    form().hidden = true;
    title().hidden = false;
  };

  header.addEventListener("click", (event) => {
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
      // The focusout listener saves the title.
      menu().focus();
    }
  });

  header.addEventListener("focusout", (event) => {
    const input = event.target;
    if (!input.matches(".title-form input") || form().hidden) return;
    if (input.value.trim() && input.value !== input.defaultValue) form().requestSubmit();
    else close();
  });

  // A fragment cannot change the title of the tab.
  new MutationObserver(() => {
    if (shown()) setPageTitle(shown());
  }).observe(header, { childList: true, subtree: true });
};
