// The dialog of importing: a new start each time it opens, files dropped on it, and the number of the chosen conversations.
const dialog = document.getElementById("import-dialog");

const form = dialog?.querySelector("form");
const input = document.getElementById("import-file");
const found = document.getElementById("import-found");
const failed = dialog?.querySelector("[data-import-failed]");

const places = () => [...found.querySelectorAll("[name=place]")];

const showCount = () => {
  const button = found.querySelector("[data-import-store]");
  if (!button) return;
  const boxes = places();
  const count = boxes.filter((box) => box.checked).length;
  button.disabled = !count;
  button.querySelector("[data-import-count]").textContent = count;
  button.querySelector("[data-import-word]").textContent = count === 1 ? "conversation" : "conversations";
  const all = found.querySelector("[data-import-all]");
  if (!all) return;
  all.checked = count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
};

const restart = () => {
  form.reset();
  found.replaceChildren();
  failed.hidden = true;
};

const listen = () => {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-import]")) restart();
  });
  found.addEventListener("change", (event) => {
    if (event.target.matches("[data-import-all]")) for (const box of places()) box.checked = event.target.checked;
    showCount();
  });
  input.addEventListener("change", () => found.replaceChildren());
  dialog.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  dialog.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  dialog.addEventListener("htmx:afterRequest", ({ detail }) => {
    // A request of status 0 was replaced by a newer one, or failed, which the next listener hears of.
    failed.hidden = !(detail.xhr.status >= 400 && detail.xhr.status !== 422);
    found.querySelector("[data-import-done]")?.focus();
  });
  dialog.addEventListener("htmx:sendError", () => {
    failed.hidden = false;
  });
};

// People who may only read have no such dialog.
if (dialog) listen();
