// Calls back when an answer of a thread begins, and with its status when one ends while the page shows it.
import { part } from "./roots.js";

export const watchRuns = (root, { began = () => {}, ended = () => {} }) => {
  const thread = part(root, "thread");
  const liveRuns = () => new Set(Array.from(thread.querySelectorAll("[data-run]"), (answer) => answer.dataset.run));
  let known = liveRuns();

  const compare = () => {
    const live = liveRuns();
    for (const run of known) {
      const status = thread.querySelector(`[data-answer="${run}"]`)?.dataset.status;
      if (!live.has(run) && status) ended(status, run);
    }
    if ([...live].some((run) => !known.has(run))) began();
    known = live;
  };
  new MutationObserver(compare).observe(thread, { childList: true });
  // An answer ends in its element. A second observer, because one for both would run for every word of an answer.
  new MutationObserver(compare).observe(thread, { subtree: true, attributeFilter: ["data-status"] });
};
