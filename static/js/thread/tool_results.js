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

const INPUT = "input:not([type=hidden], [type=range], [data-state]), select, textarea";

// The server has written the errors below the boxes. The first wrong one gets the focus.
const showErrors = (form) => {
  for (const box of form.querySelectorAll("[aria-invalid]")) box.removeAttribute("aria-invalid");
  const wrong = [...form.querySelectorAll("[data-wrong]")].map((error) => form.elements[error.dataset.wrong]);
  for (const box of wrong) box?.setAttribute("aria-invalid", "true");
  wrong[0]?.focus();
};

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = event.detail;
  if (elt.matches(".tool-results") && xhr.status === 422) showErrors(elt);
});

// A box that is corrected is no longer wrong.
document.addEventListener("input", (event) => {
  if (!event.target.matches?.('.tool-results [aria-invalid="true"]')) return;
  event.target.removeAttribute("aria-invalid");
  event.target.closest("[data-tool-answer]").querySelector("[data-wrong]").replaceChildren();
});

// The scripts of the parameters have shown the controls by then.
document.addEventListener("htmx:afterSettle", (event) => {
  const refused = event.target.querySelector?.(".result-form .has-errors");
  const shown = [...(refused?.querySelectorAll(INPUT) ?? [])].filter((control) => control.checkVisibility());
  (shown.find((control) => control.getAttribute("aria-invalid") === "true") ?? shown[0])?.focus();
});

document.addEventListener("htmx:afterSwap", (event) => {
  const filled = event.target.querySelector?.("[data-filled]");
  if (!filled || !opener?.isConnected) return;
  event.target.closest("dialog")?.close();
  fill(boxOf(opener), filled.value);
});
