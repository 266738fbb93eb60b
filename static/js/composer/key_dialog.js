// "Add a key" beside a prompt opens a dialog in place. The draft, its attachments and the parameters stay as they are: the
// notice is removed when the key is stored, and nothing else changes.
import { announce } from "../shell/announcer.js";
import { part, threadOf } from "../thread/roots.js";

const dialog = document.getElementById("key-dialog");
let root = null;
let isStored = false;

const arrived = ({ successful, xhr, pathInfo }) =>
  // After signing out, the response is the sign-in page.
  successful && new URL(xhr.responseURL).pathname === new URL(pathInfo.requestPath, location.href).pathname;

const open = (link) => {
  root = threadOf(link);
  isStored = false;
  dialog.showModal();
};

const showFailure = (form, status) => {
  const isOutdated = status === 403 || status === 404;
  form.querySelector("[data-key-outdated]").hidden = !isOutdated;
  form.querySelector("[data-key-failed]").hidden = isOutdated || status === 204 || status === 422;
};

const stored = () => {
  isStored = true;
  const code = part(root, "composer")?.querySelector("[data-missing-key]")?.dataset.missingKey;
  for (const notice of document.querySelectorAll(`[data-missing-key="${CSS.escape(code ?? "")}"]`)) notice.remove();
  document.dispatchEvent(new CustomEvent("keys:changed"));
  dialog.close();
  announce("The key is saved. You can send your prompt.");
};

const showResult = (form, detail) => {
  const { status } = detail.xhr;
  const field = form.elements.secret;
  const place = form.querySelector("#key-dialog-error");
  showFailure(form, status);
  if (status === 204) return stored();
  if (status !== 422) place.replaceChildren();
  field.setAttribute("aria-invalid", "true");
  form.querySelector("[data-key-anyway]").hidden = !place.querySelector("[data-key-untested]");
  field.focus();
  field.select();
};

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt } = event.detail;
  if (elt.matches("[data-add-key]")) {
    if (arrived(event.detail)) open(elt);
    else location.assign(elt.href);
  } else if (elt.matches("[data-key-form]")) showResult(elt, event.detail);
});

dialog?.addEventListener("close", () => {
  // No key stays in the page.
  document.getElementById("key-dialog-body").replaceChildren();
  if (isStored) part(root, "prompt")?.focus({ preventScroll: true });
});
