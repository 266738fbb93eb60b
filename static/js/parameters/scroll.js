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
