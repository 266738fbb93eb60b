// The progress of an experiment is replaced every two seconds while it is live. Its tables stay where a reader has scrolled them.
const places = new Map();

document.addEventListener("htmx:beforeSwap", (event) => {
  for (const table of event.detail.target.querySelectorAll("[data-keeps-place]")) places.set(table.id, table.scrollLeft);
});

document.addEventListener("htmx:afterSwap", () => {
  for (const [id, left] of places) {
    const table = document.getElementById(id);
    if (table) table.scrollLeft = left;
  }
  places.clear();
});
