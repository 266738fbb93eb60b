// Sources of attachments: the file picker, the clipboard, files dropped anywhere on the page, and addresses.
import { focusPrompt } from "../composer/prompt.js";
import { part, threadOf } from "../thread/roots.js";
import { remarkOn } from "./list.js";
import { attachAddress, attachFiles } from "./uploads.js";

const HIDE_MS = 200;
const target = document.getElementById("drop-target");
const dialog = document.getElementById("attach-address");
const composerAt = (node) => part(threadOf(node), "composer");
const takesFiles = (composer) => Boolean(composer.dataset.takes);
const canUpload = (composer) => Boolean(composer?.dataset.uploadUrl);
const nothingTaken = (composer) => `${composer.dataset.modelName} accepts no attachments.`;
let timer = 0;

const add = (node, files) => {
  const root = threadOf(node);
  if (!files.length) return;
  if (takesFiles(composerAt(node))) attachFiles(root, files);
  else remarkOn(root, nothingTaken(composerAt(node)));
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-attach]");
  if (button) part(threadOf(button), "attach-files").click();
});
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-attach-files]")) return;
  add(event.target, [...event.target.files]);
  focusPrompt(threadOf(event.target));
  // The same file can be chosen again after it was removed.
  event.target.value = "";
});

document.addEventListener("paste", (event) => {
  const isElsewhere = event.target.closest?.("input, textarea, select, [contenteditable], dialog") && !event.target.matches(".prompt");
  const files = [...(event.clipboardData?.files ?? [])];
  // Office programs copy a table or a text along with a picture of it.
  if (!canUpload(composerAt(event.target)) || isElsewhere || !files.length || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  add(event.target, files);
});

// --- Dropping ------------------------------------------------------------------------------

const bringsFiles = (event) =>
  canUpload(composerAt(event.target)) && event.dataTransfer?.types.includes("Files") && !document.querySelector("dialog[open]");

const hide = () => {
  clearTimeout(timer);
  target.hidden = true;
};

// dragover repeats while files are held over the page, and is more reliable than dragenter and dragleave.
document.addEventListener("dragover", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  const composer = composerAt(event.target);
  const isTaken = takesFiles(composer);
  event.dataTransfer.dropEffect = isTaken ? "copy" : "none";
  target.querySelector("p").textContent = isTaken ? `Drop to attach: ${composer.dataset.takesWords}` : nothingTaken(composer);
  target.classList.toggle("is-closed", !isTaken);
  target.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(hide, HIDE_MS);
});

document.addEventListener("drop", (event) => {
  if (!bringsFiles(event)) return;
  // By default the browser would leave the page and show the file.
  event.preventDefault();
  hide();
  const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
  const isFolder = (item) => item.webkitGetAsEntry?.()?.isDirectory;
  const folders = items.filter(isFolder).length;
  add(event.target, items.filter((item) => !isFolder(item)).map((item) => item.getAsFile()).filter(Boolean));
  if (folders) remarkOn(threadOf(event.target), "Folders cannot be attached. Drop the files in them instead.");
});

// --- An address ----------------------------------------------------------------------------

const field = dialog?.querySelector("input");
const failed = dialog?.querySelector("[data-address-error]");

const showError = (sentence) => {
  failed.textContent = sentence;
  if (sentence) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
};

const problem = (text) => {
  if (!text) return "Enter an address.";
  if (!URL.canParse(text) || new URL(text).protocol !== "https:") return "Enter an https address.";
  return text.length > field.maxLength ? `The address can have ${field.maxLength} characters at most.` : "";
};

dialog?.addEventListener("submit", (event) => {
  event.preventDefault();
  const address = field.value.trim();
  showError(problem(address));
  if (failed.textContent) return field.focus();
  field.value = "";
  dialog.close();
  // The dialog belongs to the thread with the focus, which comes back when it closes.
  const root = threadOf(document.activeElement);
  attachAddress(root, address);
  focusPrompt(root);
});
dialog?.addEventListener("close", () => showError(""));
