// Columns are moved by their menus, by Alt, Shift and an arrow key while one has the focus, and by dragging their heads.
const place = document.getElementById("compare");
const columns = () => [...place.querySelectorAll(".compare-column")];
const WAYS = { ArrowLeft: "left", ArrowRight: "right" };
const MOVED = "moved-column";
const WRITTEN_IN = "input:not([type=checkbox]), textarea, select";

const post = (column, values) => {
  try {
    sessionStorage.setItem(MOVED, column.dataset.thread);
  } catch {
    // The focus goes to the prompt then.
  }
  htmx.ajax("POST", column.dataset.moveUrl, { source: column.querySelector(".column-head"), swap: "none", values });
};

place.addEventListener("keydown", (event) => {
  const column = event.target.closest(".compare-column[data-move-url]");
  const way = WAYS[event.key];
  if (!column || !way || !event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey || event.target.matches(WRITTEN_IN)) return;
  event.preventDefault();
  const at = columns().indexOf(column);
  if (at + (way === "left" ? -1 : 1) in columns()) post(column, { way });
});

// The page comes again with the columns in their new order.
try {
  const moved = columns().find((column) => column.dataset.thread === sessionStorage.getItem(MOVED));
  sessionStorage.removeItem(MOVED);
  moved?.querySelector(".column-menu > summary")?.focus({ preventScroll: true });
} catch {
  // Without storage nothing was kept.
}

let dragged = null;
const mark = (over) => {
  for (const column of columns()) column.toggleAttribute("data-drop", column === over && column !== dragged);
};

place.addEventListener("dragstart", (event) => {
  if (!event.target.matches?.(".column-head[draggable]")) return;
  dragged = event.target.closest(".compare-column");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", "");
});
place.addEventListener("dragover", (event) => {
  if (!dragged) return;
  event.preventDefault();
  mark(event.target.closest(".compare-column"));
});
place.addEventListener("drop", (event) => {
  const over = event.target.closest(".compare-column");
  if (!dragged || !over) return;
  event.preventDefault();
  if (over !== dragged) post(dragged, { place: columns().indexOf(over) });
});
place.addEventListener("dragend", () => {
  dragged = null;
  mark(null);
});
