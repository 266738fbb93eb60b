// The recorder: makes a WAV file of one channel and 16 bits in the browser and attaches it. Only one recording runs at
// a time, for one thread of the page.
import { announce } from "../shell/announcer.js";
import { concernsThread } from "../shell/escape.js";
import { part, threadOf } from "../thread/roots.js";
import { remarkOn } from "./list.js";
import { attachFiles } from "./uploads.js";
import { wav } from "./wav.js";

const LONGEST_SECONDS = 300;
const REFUSALS = {
  NotAllowedError: "Your browser blocks the microphone. Allow it in the page's settings, then try again.",
  NotFoundError: "No microphone was found. Connect one, then try again.",
  NotReadableError: "Another program is using the microphone. Close it, then try again.",
};
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

// {root, row, stream, audio, pieces, length, longest} during a recording.
let recording = null;
let isAsking = false;

const seconds = () => recording.length / recording.audio.sampleRate;
const rowOf = (root) => part(root, "recorder");

const show = (root) => {
  const isOn = Boolean(recording);
  rowOf(root).hidden = !isOn;
  for (const button of document.querySelectorAll("[data-record]")) button.disabled = isOn;
};

const receive = (piece) => {
  if (!recording) return;
  recording.pieces.push(piece);
  recording.length += piece.length;
  let peak = 0;
  for (const sample of piece) peak = Math.max(peak, Math.abs(sample));
  const row = rowOf(recording.root);
  row.querySelector("progress").value = Math.sqrt(peak);
  const time = clock(seconds());
  const place = row.querySelector("[data-recorder-time]");
  if (place.textContent !== time) place.textContent = time;
  if (seconds() >= recording.longest) finish();
};

const start = async (root) => {
  if (recording || isAsking) return;
  if (!navigator.mediaDevices) return remarkOn(root, "Recording works only on a page served over https.");
  isAsking = true;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    const audio = new AudioContext();
    const row = rowOf(root);
    const longest = Math.min(LONGEST_SECONDS, wav.secondsIn(Number(part(root, "composer").dataset.mostBytes)));
    recording = { root, row, stream, audio, pieces: [], length: 0, longest };
    await audio.audioWorklet.addModule(row.dataset.worklet);
    const listener = new AudioWorkletNode(audio, "recorder", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    listener.port.onmessage = ({ data }) => receive(data);
    audio.createMediaStreamSource(stream).connect(listener);
    await audio.resume();
    showStart();
  } catch (error) {
    if (recording) release();
    remarkOn(root, REFUSALS[error.name] ?? "The microphone could not be used. Try again.");
  } finally {
    isAsking = false;
  }
};

const showStart = () => {
  const { root, longest } = recording;
  const row = rowOf(root);
  row.querySelector("[data-recorder-time]").textContent = clock(0);
  row.querySelector("[data-recorder-longest]").textContent = clock(longest);
  remarkOn(root, "");
  show(root);
  row.querySelector("[data-record-stop]").focus();
  announce("Recording.");
};

// The microphone is released at once, so that the browser's sign for it goes out.
const release = () => {
  const { root, stream, audio } = recording;
  for (const track of stream.getTracks()) track.stop();
  audio.close();
  recording = null;
  show(root);
};

const cancel = () => {
  const { root } = recording;
  release();
  announce("The recording was discarded.");
  part(root, "prompt").focus();
};

const finish = async () => {
  const { root, pieces, length, audio } = recording;
  const { sampleRate } = audio;
  release();
  part(root, "prompt").focus();
  if (!length) return remarkOn(root, "Nothing was recorded. Try again.");
  const content = await wav.from(pieces, length, sampleRate);
  const file = new File([content], `recording ${clock(Math.round(length / sampleRate)).replace(":", ".")}.wav`, { type: "audio/wav" });
  attachFiles(root, [file]);
};

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-record]")) start(threadOf(event.target));
  else if (!recording) return;
  else if (event.target.closest("[data-record-stop]")) finish();
  else if (event.target.closest("[data-record-cancel]")) cancel();
});

// The capture phase comes first: Escape discards the recording before it would stop an answer.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || !recording || !concernsThread(event.target) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    event.stopPropagation();
    cancel();
  },
  true,
);

// A new composer during a recording: the row with the time moves into it.
document.addEventListener("htmx:load", (event) => {
  const root = recording?.root;
  if (!root || event.detail.elt !== part(root, "composer") || !rowOf(root)) return;
  rowOf(root).replaceWith(recording.row);
  show(root);
});
