// The dialog of the library beside the parameters: it opens when its content has arrived, and closes when the form was renewed.
const dialog = document.getElementById("library-dialog");

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "library-dialog-body" || dialog.open) return;
  // The content that closes it again comes last: see thread/tool_results.js.
  if (event.target.querySelector("[data-filled]")) return;
  dialog.showModal();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful, xhr } = event.detail;
  // A refusal comes back into the dialog, which stays open.
  if (elt.matches("[data-library-form]") && successful && !xhr.getResponseHeader("HX-Retarget")) dialog.close();
});

dialog?.addEventListener("close", () => {
  document.getElementById("library-dialog-body").replaceChildren();
});
