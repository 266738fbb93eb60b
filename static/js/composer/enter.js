// Enter in a box with data-enter-sends dispatches "enter:sends". The owner of the box sends its text.
const hasTouchKeyboard = matchMedia("(pointer: coarse)");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-enter-sends]")) return;
  // Enter also ends the composition of a Chinese or Japanese word (229 in Safari). A touch keyboard has no other key
  // for a new line.
  if (event.shiftKey || event.isComposing || event.keyCode === 229 || hasTouchKeyboard.matches) return;
  event.preventDefault();
  event.target.dispatchEvent(new CustomEvent("enter:sends", { bubbles: true }));
});
