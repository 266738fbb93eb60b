// A person who opens the run of a cell finds this cell again on the way back. The address of the page names it, and it has the focus.
const OF_A_CELL = "a[data-keeps-place-of-cell]";

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(OF_A_CELL);
  if (link) history.replaceState(history.state, "", `#${link.id}`);
});

// A page that comes back with its history is scrolled as it was, but has lost the focus.
window.addEventListener("pageshow", () => {
  const link = document.getElementById(location.hash.slice(1));
  if (link?.matches(OF_A_CELL) && document.activeElement === document.body) link.focus();
});
