// The figures of the last answers are fetched once more when other ones have ended, and their place stays open or closed.
import { read, write } from "../shell/storage.js";
import { part, threads } from "../thread/roots.js";

const PAUSE_MS = 200;
const place = document.querySelector(".figures-place");
const columns = threads().filter((root) => !("shared" in root.dataset));
let timer = 0;
let isAsking = false;
let isOutdated = false;

// The last answer of each column, and how it has ended. One may come and end within one frame.
const ends = () =>
  columns
    .map((root) => part(root, "thread").lastElementChild?.dataset ?? {})
    .map(({ answer, run, status }) => (run ? "" : `${answer} ${status}`))
    .join();
let shown = ends();

const refresh = async () => {
  isOutdated = isAsking;
  if (isAsking) return;
  isAsking = true;
  const figures = place.querySelector(".figures");
  await htmx.ajax("GET", figures.dataset.url, { source: figures, target: figures, swap: "outerHTML" }).catch(() => {});
  isAsking = false;
  if (isOutdated) refresh();
};

// Several answers may end within a moment.
document.addEventListener(
  "live:applied",
  () => {
    const now = ends();
    if (now === shown) return;
    shown = now;
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE_MS);
  },
  { capture: true },
);
place.open = read("compare:figures") === "open";
place.addEventListener("toggle", () => write("compare:figures", place.open ? "open" : ""));
