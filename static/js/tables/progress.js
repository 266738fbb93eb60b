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
