// A comparison: columns, which are threads, and one composer for all of them.
import "./basic.js";
import "../shell/playground.js";
import "../compare/choose.js";
import "../compare/copy.js";
import "../compare/estimate.js";
import "../compare/figures.js";
import "../compare/move.js";
import "../compare/receivers.js";
import "../compare/scroll_together.js";
import "../compare/settings.js";
import "../compare/stop_all.js";
import "../compare/tabs.js";
import { startAttachmentDraft } from "../attachments/draft.js";
import { startAttachments } from "../attachments/list.js";
import { startDraft } from "../composer/draft.js";
import { focusPromptIfLost, startPrompt } from "../composer/prompt.js";
import { startSending } from "../composer/send.js";
import { startFrames } from "../thread/frames.js";
import { threads } from "../thread/roots.js";
import { startThread } from "../thread/start.js";
import { startTitle } from "../thread/title.js";
import { startWriting } from "../thread/writing.js";

const shared = document.querySelector("[data-shared]");

for (const root of threads()) {
  if (root !== shared) startThread(root);
  startSending(root);
}
startFrames(shared);
startTitle(shared);
startWriting(shared);
startPrompt(shared);
startDraft(shared);
startAttachments(shared);
startAttachmentDraft(shared);
focusPromptIfLost(shared);
