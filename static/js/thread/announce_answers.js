// Tells screen readers that an answer started or ended, never its text.
import { announce } from "../shell/announcer.js";
import { watchRuns } from "./runs.js";

const ENDS = {
  finished: "The answer is finished.",
  stopped: "The answer was stopped.",
  failed: "The answer failed.",
  interrupted: "The answer was interrupted.",
};

export const startAnnouncing = (root) => {
  watchRuns(root, {
    began: () => announce("An answer is being written."),
    ended: (status) => {
      if (ENDS[status]) announce(ENDS[status]);
    },
  });
};
