// The progress of an experiment is replaced every two seconds while it is live. Its tables stay where a reader has scrolled them,
// and a screen reader hears of a new state and of each quarter.
import { announce } from "../shell/announcer.js";

const places = new Map();
let announced = document.getElementById("progress")?.dataset.announced;

document.addEventListener("htmx:beforeSwap", (event) => {
  for (const table of event.detail.target.querySelectorAll("[data-keeps-place]")) places.set(table.id, table.scrollLeft);
});

document.addEventListener("htmx:afterSwap", () => {
  for (const [id, left] of places) {
    const table = document.getElementById(id);
    if (table) table.scrollLeft = left;
  }
  places.clear();
  const words = document.getElementById("progress")?.dataset.announced;
  if (words && words !== announced) announce(words);
  announced = words;
});

// Once the experiment was deleted or the access to it has ended, the page says so and asks no more.
document.addEventListener("htmx:responseError", ({ target, detail: { xhr } }) => {
  if (target.id !== "progress" || ![403, 404].includes(xhr.status)) return;
  const gone = document.getElementById("experiment-gone").content.firstElementChild.cloneNode(true);
  target.replaceWith(gone);
  announce(gone.textContent);
});
