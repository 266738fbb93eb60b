// The playground: the sidebar, a thread with its composer, the model picker and the parameters.
import "./basic.js";
import "../shell/playground.js";
import { startAttachmentDraft } from "../attachments/draft.js";
import { startAttachments } from "../attachments/list.js";
import { startDraft } from "../composer/draft.js";
import { startEstimate } from "../composer/estimate.js";
import { focusPromptIfLost, startPrompt } from "../composer/prompt.js";
import { startSending } from "../composer/send.js";
import { startTemporary } from "../composer/temporary.js";
import { threads } from "../thread/roots.js";
import { startThread } from "../thread/start.js";
import { startWriting } from "../thread/writing.js";

for (const root of threads()) {
  startThread(root);
  startWriting(root);
  startPrompt(root);
  startDraft(root);
  startSending(root);
  startEstimate(root);
  startTemporary(root);
  startAttachments(root);
  startAttachmentDraft(root);
}
focusPromptIfLost(threads()[0]);
