// The first prompt of a chat loads the page of its conversation: the pane of parameters stays where it was.
(() => {
  const NAME = "parameters:top";
  const place = document.getElementById("parameters");

  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr } = event.detail;
    if (elt.id !== "composer" || !xhr.getResponseHeader("HX-Redirect")) return;
    try {
      sessionStorage.setItem(NAME, place.scrollTop);
    } catch {
      // Without storage the next page begins at its top.
    }
  });

  try {
    place.scrollTop = Number(sessionStorage.getItem(NAME));
    sessionStorage.removeItem(NAME);
  } catch {
    // As above.
  }
})();
