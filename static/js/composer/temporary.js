// The switch of a temporary chat. The address of the page keeps it, so that a reload shows it as it was.
import { part } from "../thread/roots.js";

export const startTemporary = (root) => {
  const box = root.querySelector("[data-temporary]");
  if (!box) return;
  const show = () => {
    part(root, "header").querySelector(".title-text").textContent = box.checked ? "Temporary chat" : "New chat";
  };
  box.addEventListener("change", () => {
    show();
    const url = new URL(location.href);
    if (box.checked) url.searchParams.set("temporary", "true");
    else url.searchParams.delete("temporary");
    history.replaceState(history.state, "", url);
  });
  show();
};

// The buttons that keep a chat are gone once it is kept.
document.addEventListener("htmx:afterRequest", (event) => {
  // The element of the event itself is another one, since the button is gone.
  const button = event.detail.requestConfig?.elt;
  if (!button?.matches("[data-keep]") || !event.detail.successful) return;
  document.querySelector("textarea.prompt")?.focus({ preventScroll: true });
});
