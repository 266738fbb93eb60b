// The dialog with code for a request: data-opens="code-dialog" opens it, and htmx fills it for the button with data-code.
const body = document.getElementById("code-body");
const waiting = document.getElementById("code-waiting");
const failed = document.getElementById("code-failed");

const show = (part) => {
  waiting.hidden = part !== "waiting";
  failed.hidden = part !== "failed";
  // A click must not copy what the dialog showed before.
  if (part !== "body") body.replaceChildren();
};

document.addEventListener("click", (event) => event.target.closest("[data-code]") && show("waiting"));

for (const name of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(name, ({ detail }) => detail.target === body && show("failed"));
}

body.addEventListener("htmx:afterSwap", () => {
  show("body");
  body.querySelector("[role=tab][aria-selected=true]")?.focus({ preventScroll: true });
});
