// Says of an answer that ends in a hidden tab that it did: in the title of the tab, and in a notification where the
// person wants them. Whoever stops an answer knows.
import { dropNotices, notice } from "../shell/notices.js";
import { setMark } from "../shell/page_title.js";
import { part } from "./roots.js";
import { watchRuns } from "./runs.js";

const FINISHED = { mark: "✓", words: "The answer is finished." };
const BROKEN = { mark: "!", words: "The answer could not be finished." };
const ENDS = { finished: FINISHED, failed: BROKEN, interrupted: BROKEN };

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  setMark("");
  dropNotices();
});

export const startHiddenEnds = (root) => {
  watchRuns(root, {
    ended: (status, run) => {
      const end = ENDS[status];
      if (!end || !document.hidden) return;
      setMark(end.mark);
      // All tabs that show the conversation give the same tag, so the browser shows one notification.
      notice(part(root, "title")?.textContent ?? document.title, end.words, run);
    },
  });
};
