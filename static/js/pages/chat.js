// The playground: the sidebar, a thread with its composer, the model picker and the parameters.
//
// The order matters where modules listen to the same event: the sending of a prompt is checked before its attachments,
// and swaps.js comes before ending.js, which replaces what it has looked at.
import "./basic.js";
import "../shell/panes.js";
import "../shell/shortcuts.js";
import "../shell/search.js";
import "../shell/conversation_list.js";
import "../shell/row_menu.js";
import "../shell/export_dialog.js";
import "../shell/import_dialog.js";
import "../thread/live.js";
import "../thread/swaps.js";
import "../thread/ending.js";
import "../thread/edit.js";
import "../thread/example.js";
import "../thread/go_to.js";
import "../thread/message_menu.js";
import "../thread/versions.js";
import "../thread/choices.js";
import "../thread/copy_code.js";
import "../thread/image_view.js";
import "../composer/enter.js";
import "../composer/keys.js";
import "../composer/key_dialog.js";
import "../composer/opened_notes.js";
import "../attachments/encoding.js";
import "../attachments/sources.js";
import "../attachments/recorder.js";
import "../parameters/form.js";
import "../parameters/numbers.js";
import "../parameters/rows.js";
import "../parameters/notice.js";
import "../parameters/offer.js";
import "../parameters/sync.js";
import "../parameters/search.js";
import "../parameters/errors.js";
import "../parameters/help.js";
import "../parameters/scroll.js";
import "../parameters/changed_count.js";
import "../picker/picker.js";
import "../code/dialog.js";
import "../code/forms.js";
import "../sharing/dialog.js";
import "../sharing/find.js";
import { startAttachmentDraft } from "../attachments/draft.js";
import { startAttachments } from "../attachments/list.js";
import { startDraft } from "../composer/draft.js";
import { startEstimate } from "../composer/estimate.js";
import { focusPromptIfLost, startPrompt } from "../composer/prompt.js";
import { startSending } from "../composer/send.js";
import { startAnnouncing } from "../thread/announce_answers.js";
import { startCountdown } from "../thread/countdown.js";
import { startEarlier } from "../thread/earlier.js";
import { startFrames } from "../thread/frames.js";
import { startHiddenEnds } from "../thread/hidden_ends.js";
import { startHit } from "../thread/hit.js";
import { threads } from "../thread/roots.js";
import { startScroll } from "../thread/scroll.js";
import { startTitle } from "../thread/title.js";

for (const root of threads()) {
  startFrames(root);
  startScroll(root);
  startHit(root);
  startEarlier(root);
  startAnnouncing(root);
  startHiddenEnds(root);
  startCountdown(root);
  startTitle(root);
  startPrompt(root);
  startDraft(root);
  startSending(root);
  startEstimate(root);
  startAttachments(root);
  startAttachmentDraft(root);
}
focusPromptIfLost(threads()[0]);
