// Makes a chip of each added file or address and uploads it: a few at a time, with progress. An upload that failed
// because the server could not be reached can be tried again.
import { announce } from "../shell/announcer.js";
import { part, threadOf } from "../thread/roots.js";
import { attachmentsChanged, remarkOn } from "./list.js";

const AT_ONCE = 3;
const MEGABYTE = 1024 * 1024;
const ENDINGS = {
  image: ["avif", "gif", "jpeg", "jpg", "png", "webp"],
  audio: ["aac", "flac", "m4a", "mp3", "mpga", "oga", "ogg", "opus", "wav"],
};

// Maps each chip to its file or address, its request and its thread.
const uploads = new WeakMap();
const queue = [];
let running = 0;
let arrived = [];

const sizeOf = (bytes) => {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < MEGABYTE ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / MEGABYTE).toFixed(1)} MB`;
};

const glyphOf = ({ type }) => ["image", "audio"].find((kind) => type.startsWith(`${kind}/`)) ?? "file";

// Files that the server would refuse after an upload of minutes are refused at once.
const refusal = (file, composer) => {
  const limit = Number(composer.dataset.mostBytes);
  if (file.size > limit) return `This file is larger than ${Math.floor(limit / MEGABYTE)} MB, the limit for uploads.`;
  return file.size ? "" : "This file is empty.";
};

const setState = (chip, state, sentence = "") => {
  const error = chip.querySelector("[data-attachment-error]");
  chip.dataset.state = state;
  error.textContent = sentence;
  error.hidden = !sentence;
  chip.classList.toggle("is-refused", Boolean(sentence));
  chip.querySelector("progress").hidden = Boolean(sentence);
  chip.querySelector("[data-attachment-retry]").hidden = state !== "failed";
};

const newChip = (root, name, about, glyph) => {
  const chip = document.getElementById("attachment-waiting").content.firstElementChild.cloneNode(true);
  chip.querySelector("[data-attachment-name]").textContent = name;
  chip.querySelector("[data-attachment-about]").textContent = about;
  chip.querySelector("use").setAttribute("href", `#icon-${glyph}`);
  for (const button of chip.querySelectorAll("[data-verb]")) button.setAttribute("aria-label", `${button.dataset.verb} ${name}`);
  part(root, "attachments").append(chip);
  chip.scrollIntoView({ block: "nearest" });
  return chip;
};

const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

// The server's chip replaces the temporary one. The focus stays on its button.
const settle = (chip, html) => {
  const fresh = document.adoptNode(parsed(html).querySelector("[data-attachment]"));
  const hadFocus = chip.contains(document.activeElement);
  chip.replaceWith(fresh);
  if (hadFocus) fresh.querySelector("[data-attachment-remove]").focus();
  arrived.push(fresh);
};

const showResult = (chip, xhr, uploadUrl) => {
  if (!chip.isConnected) return;
  // After signing out, the request is redirected to the sign-in page.
  if (xhr.responseURL && xhr.responseURL !== new URL(uploadUrl, location.href).href) {
    setState(chip, "failed", "You are signed out. Sign in again in another tab, then try again.");
  } else if (xhr.status >= 200 && xhr.status < 300) settle(chip, xhr.responseText);
  else if (xhr.status === 422) setState(chip, "refused", xhr.responseText.trim());
  else if (xhr.status === 413) setState(chip, "refused", "This file is larger than the server accepts.");
  else if (xhr.status === 403) setState(chip, "failed", "This page is out of date. Reload it, then attach the file again.");
  else if (xhr.status === 507) setState(chip, "failed", "The server’s disk is full. Tell the person who runs it, then try again.");
  else if (xhr.status === 0) setState(chip, "failed", "The server could not be reached. Try again.");
  else setState(chip, "failed", "Something went wrong on our side. Try again.");
};

const upload = (chip) => {
  const { file, address, kind, root } = uploads.get(chip);
  const composer = part(root, "composer");
  const bar = chip.querySelector("progress");
  const xhr = new XMLHttpRequest();
  const body = new FormData();
  if (file) body.append("file", file, file.name);
  else body.append(`${kind}_url`, address);
  uploads.get(chip).xhr = xhr;
  setState(chip, "uploading");
  running += 1;
  xhr.upload.addEventListener("progress", (event) => {
    // Everything is sent, and the server has yet to check the file.
    if (event.loaded === event.total) bar.removeAttribute("value");
    else bar.value = event.loaded / event.total;
  });
  xhr.addEventListener("loadend", () => {
    running -= 1;
    showResult(chip, xhr, composer.dataset.uploadUrl);
    uploadNext();
    attachmentsChanged(root);
  });
  xhr.open("POST", composer.dataset.uploadUrl);
  xhr.setRequestHeader("X-CSRFToken", composer.elements.csrfmiddlewaretoken.value);
  xhr.send(body);
};

// All uploads share an announcement: one each would keep a screen reader talking for minutes.
const report = () => {
  const failed = document.querySelectorAll('.composer :is([data-state="failed"], [data-state="refused"])').length;
  const names = arrived.length === 1 ? arrived[0].querySelector("[data-attachment-name]").textContent : `${arrived.length} files`;
  const words = arrived.length ? [`${names} ${arrived.length === 1 ? "is" : "are"} attached.`] : [];
  if (failed) words.push(`${failed} could not be attached.`);
  if (words.length) announce(words.join(" "));
  arrived = [];
};

const uploadNext = () => {
  while (running < AT_ONCE && queue.length) {
    const chip = queue.shift();
    if (chip.isConnected && chip.dataset.state === "waiting") upload(chip);
  }
  if (!running && !queue.length) report();
};

const enqueue = (chip) => {
  setState(chip, "waiting");
  queue.push(chip);
};

// Adds as many as a prompt takes, and says how many were left out.
const add = (root, sources, addOne) => {
  const list = part(root, "attachments");
  if (!list) return;
  const most = Number(part(root, "composer").dataset.mostFiles);
  const free = Math.max(0, most - list.querySelectorAll('[data-attachment]:not([data-state="refused"])').length);
  for (const source of sources.slice(0, free)) addOne(root, source);
  const left = sources.length - free;
  remarkOn(root, left > 0 ? `A prompt takes ${most} attachments at most: ${left} ${left === 1 ? "was" : "were"} left out.` : "");
  uploadNext();
  attachmentsChanged(root);
};

const addFile = (root, file) => {
  const chip = newChip(root, file.name, sizeOf(file.size), glyphOf(file));
  const sentence = refusal(file, part(root, "composer"));
  uploads.set(chip, { root, file });
  if (sentence) setState(chip, "refused", sentence);
  else enqueue(chip);
};

// Only the end of an address can say what it leads to. Without a known one, it is what the model takes.
const kindAt = (address, taken) => {
  const ending = new URL(address).pathname.split(".").pop().toLowerCase();
  return Object.keys(ENDINGS).find((kind) => ENDINGS[kind].includes(ending)) ?? taken?.split(" ")[0] ?? "image";
};

const addAddress = (root, address) => {
  const kind = kindAt(address, part(root, "composer").dataset.takesAddress);
  const chip = newChip(root, address, kind === "audio" ? "Audio by its address" : "Image by its address", "address");
  uploads.set(chip, { root, address, kind });
  enqueue(chip);
};

export const attachFiles = (root, files) => add(root, files, addFile);
export const attachAddress = (root, address) => add(root, [address], addAddress);

document.addEventListener("attachments:removed", (event) => uploads.get(event.target)?.xhr?.abort());

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-attachment-retry]")?.closest("[data-attachment]");
  if (!chip) return;
  enqueue(chip);
  // The retry button disappears now.
  chip.querySelector("[data-attachment-remove]").focus();
  uploadNext();
  attachmentsChanged(threadOf(chip));
});
