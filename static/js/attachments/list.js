// The attachments of a prompt, as chips in the composer. Says whether the model takes them, makes send wait for uploads,
// removes them, and moves them to each new composer until they are sent. uploads.js makes chips of files.
import { announce } from "../shell/announcer.js";
import { concernsThread } from "../shell/escape.js";
import { part, threadOf } from "../thread/roots.js";

const NAMES = { image: "images", audio: "audio", video: "videos", pdf: "PDF files", text: "text files" };

const listOf = (root) => part(root, "attachments");
const chipsOf = (root) => [...(listOf(root)?.querySelectorAll("[data-attachment]") ?? [])];
const removeButton = (chip) => chip?.querySelector("[data-attachment-remove]");
const isUploading = (chip) => ["waiting", "uploading"].includes(chip.dataset.state);
const refusedChip = (root) => chipsOf(root).find((chip) => chip.classList.contains("is-refused"));

export const attachmentsChanged = (root) => root.dispatchEvent(new CustomEvent("attachments:changed"));

// Media types as kinds of file. Text has a hundred media types.
const kindOf = (type) => {
  const [kind] = type.split("/");
  if (["image", "audio", "video"].includes(kind)) return kind;
  return type === "application/pdf" ? "pdf" : "text";
};

// Why the chosen model does not take a file, as a sentence; empty if it does.
const refusalOf = (chip, composer) => {
  const { mediaType, address } = chip.dataset;
  const { takes, takesAddress, modelName } = composer.dataset;
  // Without a model the composer shows another message.
  if (!modelName) return "";
  const types = takes.split(" ").filter(Boolean);
  const kind = address || kindOf(mediaType);
  if (address ? takesAddress?.split(" ").includes(kind) : types.includes(mediaType)) return "";
  if (!types.some((type) => kindOf(type) === kind)) return `${modelName} accepts no ${NAMES[kind]}.`;
  if (address) return `${modelName} does not fetch ${NAMES[kind]} from an address: attach the file itself.`;
  return `${modelName} accepts no ${NAMES[kind]} of the type ${mediaType}.`;
};

const showRefusal = (chip, sentence) => {
  const place = chip.querySelector("[data-attachment-error]");
  if (place.textContent !== sentence) place.textContent = sentence;
  place.hidden = !sentence;
  chip.classList.toggle("is-refused", Boolean(sentence));
};

class Attachments {
  // Send was pressed while uploads were running.
  #isAwaited = false;
  #remark = "";
  #list;
  #sent = [];

  constructor(root) {
    this.root = root;
    this.#list = listOf(root);
    root.addEventListener("attachments:changed", () => this.update());
    root.addEventListener("htmx:confirm", (event) => this.#confirm(event));
    root.addEventListener("htmx:beforeRequest", (event) => {
      if (event.detail.elt === this.#composer) this.#sent = chipsOf(root);
    });
    root.addEventListener("composer:sent", () => this.#removeSent());
    // After a refusal, the new composer lists the files that can still be sent.
    root.addEventListener("htmx:beforeOnLoad", (event) => {
      if (event.detail.elt === this.#composer && event.detail.xhr.status === 422) this.#removeSent();
    });
    root.addEventListener("htmx:load", (event) => {
      if (event.detail.elt === this.#composer) this.#moveToNewComposer();
    });
    this.update();
  }

  get #composer() {
    return part(this.root, "composer");
  }

  get isAwaited() {
    return this.#isAwaited;
  }

  update() {
    if (!listOf(this.root)) return;
    for (const chip of chipsOf(this.root)) if (!chip.dataset.state) showRefusal(chip, refusalOf(chip, this.#composer));
    if (refusedChip(this.root)) this.#isAwaited = false;
    const isReady = this.#isAwaited && !chipsOf(this.root).some(isUploading);
    if (isReady) this.#isAwaited = false;
    this.#show();
    if (isReady) this.#composer.requestSubmit();
  }

  remark(text) {
    this.#remark = text;
    if (listOf(this.root)) this.#show();
    if (text) announce(text);
  }

  remove(chip) {
    const next = removeButton(chip.nextElementSibling) ?? removeButton(chip.previousElementSibling);
    // The box of the composer, or of the form that edits an earlier prompt.
    const box = chip.closest("form").querySelector("textarea");
    const { discardUrl } = chip.dataset;
    const headers = { "X-CSRFToken": this.#composer.elements.csrfmiddlewaretoken.value };
    chip.dispatchEvent(new CustomEvent("attachments:removed", { bubbles: true }));
    chip.remove();
    // A lost request does no harm: the server deletes files that are never sent.
    if (discardUrl) fetch(discardUrl, { method: "POST", headers, keepalive: true }).catch(() => {});
    announce(`${chip.querySelector("[data-attachment-name]").textContent} was removed.`);
    (next ?? box).focus();
    this.#remark = "";
    attachmentsChanged(this.root);
  }

  stopWaiting() {
    this.#isAwaited = false;
    this.update();
    announce("The prompt was not sent.");
    part(this.root, "prompt").focus();
  }

  #waitingText() {
    const count = chipsOf(this.root).filter(isUploading).length;
    return `Sends when ${count === 1 ? "the upload is" : `${count} uploads are`} done.`;
  }

  #show() {
    const note = part(this.root, "attachments-note");
    const text = this.#isAwaited ? this.#waitingText() : this.#remark;
    note.hidden = !text;
    note.querySelector("p").textContent = text;
    note.querySelector("[data-attachments-wait]").hidden = !this.#isAwaited;
  }

  // A prompt is not sent without the files that its author believes attached.
  #confirm(event) {
    if (event.target !== this.#composer || event.defaultPrevented || !listOf(this.root)) return;
    const refused = refusedChip(this.root);
    if (refused) {
      event.preventDefault();
      this.#remark = "Remove or retry the marked file, then send.";
      this.#show();
      removeButton(refused).focus();
      announce(`${refused.querySelector("[data-attachment-error]").textContent} ${this.#remark}`);
    } else if (chipsOf(this.root).some(isUploading)) {
      event.preventDefault();
      this.#isAwaited = true;
      this.#show();
      announce(this.#waitingText());
    }
  }

  #removeSent() {
    for (const chip of this.#sent) chip.remove();
    this.#sent = [];
    this.#remark = "";
    attachmentsChanged(this.root);
  }

  // The chips of the last composer move on, with their uploads.
  #moveToNewComposer() {
    const list = listOf(this.root);
    if (list === this.#list) return;
    list?.append(...(this.#list?.children ?? []));
    this.#list = list;
    attachmentsChanged(this.root);
  }
}

// The attachments of each thread, by its root.
const lists = new WeakMap();
const attachmentsAt = (node) => lists.get(threadOf(node));

export const startAttachments = (root) => lists.set(root, new Attachments(root));

// Shows a sentence below the chips. An empty one removes the last.
export const remarkOn = (root, sentence) => lists.get(root).remark(sentence);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-attachments-wait]")) return attachmentsAt(event.target).stopWaiting();
  if (!event.target.closest("[data-attachment-remove]")) return;
  attachmentsAt(event.target).remove(event.target.closest("[data-attachment]"));
});

document.addEventListener("keydown", (event) => {
  const chip = event.target.closest?.("[data-attachment]");
  if (!chip || (event.key !== "Delete" && event.key !== "Backspace")) return;
  event.preventDefault();
  attachmentsAt(chip).remove(chip);
});

// The capture phase comes first: Escape cancels the waiting prompt before it would stop an answer.
document.addEventListener(
  "keydown",
  (event) => {
    const attachments = attachmentsAt(event.target);
    if (event.key !== "Escape" || !attachments?.isAwaited || !concernsThread(event.target) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    event.stopPropagation();
    attachments.stopWaiting();
  },
  true,
);
