// Tells screen readers that an answer started or ended, never its text.
import { announce } from "../shell/announcer.js";
import { part } from "./roots.js";

const ENDS = {
  finished: "The answer is finished.",
  stopped: "The answer was stopped.",
  failed: "The answer failed.",
  interrupted: "The answer was interrupted.",
};

export const startAnnouncing = (root) => {
  const thread = part(root, "thread");
  const liveRuns = () => new Set(Array.from(thread.querySelectorAll("[data-run]"), (answer) => answer.dataset.run));
  let known = liveRuns();

  const compare = () => {
    const live = liveRuns();
    for (const run of known) {
      const end = ENDS[thread.querySelector(`[data-answer="${run}"]`)?.dataset.status];
      if (!live.has(run) && end) announce(end);
    }
    if ([...live].some((run) => !known.has(run))) announce("An answer is being written.");
    known = live;
  };
  new MutationObserver(compare).observe(thread, { childList: true });
  // An answer ends in its element. A second observer, because one for both would run for every word of an answer.
  new MutationObserver(compare).observe(thread, { subtree: true, attributeFilter: ["data-status"] });
};
