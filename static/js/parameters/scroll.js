// The first prompt of a chat loads the page of its conversation. The parameters keep their scroll position.
const NAME = "parameters:top";
const place = document.getElementById("parameters");

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt, xhr } = event.detail;
  if (!elt.matches(".composer") || !xhr.getResponseHeader("HX-Redirect")) return;
  try {
    sessionStorage.setItem(NAME, place.scrollTop);
  } catch {
    // Without storage the parameters begin at the top.
  }
});

try {
  place.scrollTop = Number(sessionStorage.getItem(NAME));
  sessionStorage.removeItem(NAME);
} catch {
  // The same as above.
}

// A form that is only read has nothing that takes the focus, so its place takes it, to be scrolled by keyboard.
document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
  if (target.id !== "parameters") return;
  const attributes = { tabindex: "0", role: "region", "aria-labelledby": "panel-heading" };
  const isRead = target.querySelector("[data-parameters]")?.disabled;
  for (const [name, value] of Object.entries(attributes)) {
    if (isRead) target.setAttribute(name, value);
    else target.removeAttribute(name);
  }
});
