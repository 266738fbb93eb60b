// Results of tool calls: the arguments echoed, a saved result, or a form made of the schema of the result.
const boxOf = (node) => node.closest("[data-tool-answer]").querySelector("[data-result]");

const fill = (box, text) => {
  box.value = text;
  box.focus();
};

// The form of a result is in a dialog; its answer goes to the box of the call that opened it.
let opener = null;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-tool-answer] button");
  if (!button) return;
  if (button.matches("[data-echo]")) fill(boxOf(button), button.dataset.echo);
  else opener = button;
});

document.addEventListener("change", (event) => {
  const select = event.target.closest?.("[data-examples]");
  const chosen = select?.selectedOptions[0];
  if (chosen?.dataset.text !== undefined) fill(boxOf(select), chosen.dataset.text);
});

document.addEventListener("htmx:afterSwap", (event) => {
  const filled = event.target.querySelector?.("[data-filled]");
  if (!filled || !opener?.isConnected) return;
  event.target.closest("dialog")?.close();
  fill(boxOf(opener), filled.value);
});
