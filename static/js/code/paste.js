// The dialog that opens a pasted request: what was pasted is read as soon as it is there, and opened only by its button.
const dialog = document.getElementById("paste-dialog");
const text = document.getElementById("paste-text");
const found = document.getElementById("paste-found");
const failed = document.getElementById("paste-failed");

const button = (name) => dialog?.querySelector(`[data-paste-${name}]`);

const showFailure = (kind) => {
  for (const words of failed.querySelectorAll("[data-failure]")) words.hidden = words.dataset.failure !== kind;
  failed.hidden = !kind;
};

const showButtons = () => {
  const isUnderstood = Boolean(found.querySelector("[data-paste-understood]"));
  button("open").hidden = !isUnderstood;
  button("read").hidden = isUnderstood;
};

// A change of the text makes what was understood of it wrong.
const forget = () => {
  found.replaceChildren();
  showFailure("");
  showButtons();
};

const select = ({ line, column }) => {
  if (!Number(line)) return;
  const before = text.value.split("\n").slice(0, line - 1).join("\n");
  const place = before.length + (line > 1 ? 1 : 0) + Math.max(0, column - 1);
  text.focus();
  text.setSelectionRange(place, place + 1);
};

if (dialog) {
  text.addEventListener("input", (event) => {
    forget();
    if (event.inputType === "insertFromPaste") dialog.querySelector("form").requestSubmit();
  });
  dialog.addEventListener("htmx:beforeRequest", (event) => {
    showFailure("");
    if (new Blob([text.value]).size <= Number(text.dataset.most)) return;
    event.preventDefault();
    showFailure("size");
  });
  found.addEventListener("htmx:afterSwap", () => {
    showButtons();
    const refused = found.querySelector("[data-line]");
    if (refused) select(refused.dataset);
    else if (!button("open").hidden) button("open").focus();
  });
  for (const name of ["htmx:sendError", "htmx:responseError"]) dialog.addEventListener(name, () => showFailure("server"));
  dialog.addEventListener("close", () => {
    // A key may be in it.
    text.value = "";
    forget();
  });
}
