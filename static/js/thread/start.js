// Starts what a thread needs, whether it has a composer of its own or shares one with others.
import { startAnnouncing } from "./announce_answers.js";
import { startCountdown } from "./countdown.js";
import { startEarlier } from "./earlier.js";
import { startFrames } from "./frames.js";
import { startHiddenEnds } from "./hidden_ends.js";
import { startHit } from "./hit.js";
import { startPrefill } from "./prefill.js";
import { startScroll } from "./scroll.js";
import { startSystemPrompt } from "./system_prompt.js";
import { startTitle } from "./title.js";

export const startThread = (root) => {
  startFrames(root);
  startScroll(root);
  startHit(root);
  startEarlier(root);
  startAnnouncing(root);
  startHiddenEnds(root);
  startCountdown(root);
  startPrefill(root);
  startTitle(root);
  startSystemPrompt(root);
};
