// The dialog of sharing. Any button with data-opens="share-dialog" and data-share="<address>" opens it: in the header, in a
// menu, in a row of the sidebar. Changes are saved as they are made.
const dialog = document.getElementById("share-dialog");
const body = document.getElementById("share-body");
const said = document.getElementById("share-said");
const failed = document.getElementById("share-failed");
const again = failed.querySelector("[data-share-again]");

// The address of the shown conversation, and the id of the button that gets the focus back.
let address = "";
let opener = "";

const showFailure = (kind) => {
  for (const text of failed.querySelectorAll("[data-failure]")) text.hidden = text.dataset.failure !== kind;
  failed.hidden = !kind;
  if (kind) said.textContent = "";
};

const load = () => {
  showFailure("");
  again.hidden = true;
  said.textContent = "";
  // A click must not change what the dialog showed before.
  body.replaceChildren(Object.assign(document.createElement("p"), { className: "share-waiting", textContent: "Loading…" }));
  htmx.ajax("GET", address, { source: body, target: body, swap: "innerHTML" });
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-share]");
  if (!button) return;
  opener = (button.closest(".menu")?.querySelector("summary") ?? button).id;
  address = button.dataset.share;
  load();
});
again.addEventListener("click", load);

// The header with the button may have been replaced meanwhile. The focus is still in the closed dialog then.
dialog.addEventListener("close", () => {
  if (dialog.contains(document.activeElement) || document.activeElement === document.body) document.getElementById(opener)?.focus({ preventScroll: true });
});

const kindOf = ({ xhr, pathInfo }) => {
  if (new URL(xhr.responseURL).pathname !== new URL(pathInfo.requestPath, location.href).pathname) return "signed-out";
  if (xhr.status === 403 || xhr.status === 404) return "gone";
  return xhr.status >= 400 && xhr.status !== 422 ? "server" : "";
};

// A choice that was not saved is taken back; one that was saved is what a later one goes back to.
const settle = (select, isSaved) => {
  for (const option of select.options) {
    if (isSaved) option.defaultSelected = option.selected;
    else option.selected = option.defaultSelected;
  }
};

const moveFocusIfLost = () => {
  if (!dialog.open || dialog.contains(document.activeElement)) return;
  (body.querySelector(".share-people :is(select, button)") ?? document.getElementById("share-everyone"))?.focus();
};

// Most people come to add somebody. A touch keyboard would cover who has access, so it stays closed.
const isTouched = matchMedia("(pointer: coarse)");
const moveFocusToField = () => {
  if (!isTouched.matches && document.activeElement?.matches(".share-head *")) document.getElementById("share-find")?.focus();
};

const finish = ({ elt, xhr }, kind) => {
  showFailure(kind);
  if (elt === body) {
    again.hidden = !(kind === "network" || kind === "server");
    if (kind) body.replaceChildren();
    else moveFocusToField();
  }
  if (elt.matches("select")) settle(elt, !kind && xhr.status !== 422);
  moveFocusIfLost();
};

// A request without a status failed, which the next listener reports, or a newer one has replaced it.
dialog.addEventListener("htmx:afterRequest", ({ detail }) => detail.xhr.status && finish(detail, kindOf(detail)));
dialog.addEventListener("htmx:sendError", ({ detail }) => finish(detail, "network"));

// The second click of a double click would hit the row that has moved up.
dialog.addEventListener(
  "click",
  (event) => {
    if (event.detail > 1 && event.target.closest(".share-remove")) event.stopPropagation();
  },
  true,
);
