// Escape goes from the inside out, one step at a time: what is open closes, a search is cleared, a field is left, a pane that
// slid over closes, and only the composer and the messages stop an answer (shortcuts.js).
const FIELD = "input, textarea, select, [contenteditable]";
const STOPS = "body, html, main, .composer, .composer *, .scroller, .scroller *";

// A field other than those of the composer, which belong to the next prompt.
const isFieldOfItsOwn = (node) => Boolean(node.closest?.(FIELD)) && !node.closest(".composer");

// Whether Escape at this place concerns the conversation.
export const concernsThread = (node) => Boolean(node.matches?.(STOPS)) && !isFieldOfItsOwn(node);

const clear = (search) => {
  search.value = "";
  search.dispatchEvent(new Event("input", { bubbles: true }));
};

document.addEventListener("keydown", (event) => {
  const field = event.target;
  // Escape also ends the composition of a Chinese or Japanese word (229 in Safari).
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
  if (!isFieldOfItsOwn(field)) return;
  if (field.type === "search" && field.value) {
    event.preventDefault();
    clear(field);
  } else if (!field.closest("dialog")) field.blur();
});
