// How much of the model's context the next prompt will use: the tokens that the provider counted for the last answer, and
// an estimate of everything after it. A model whose context is unknown has no meter.
import { announce } from "../shell/announcer.js";
import { part } from "../thread/roots.js";
import { BYTES_PER_TOKEN, bytes, systemBytes, textBytes, tokensOf } from "./sizes.js";

const number = new Intl.NumberFormat("en-US");

// The tokens of the branch up to its last counted answer, and the messages after that one.
const branch = (root) => {
  const after = [];
  for (let message = part(root, "thread").lastElementChild; message; message = message.previousElementSibling) {
    if (message.dataset.context) return { counted: Number(message.dataset.context), system: message.dataset.system ?? "0", after };
    after.push(message);
  }
  return { counted: 0, system: "", after };
};

// The last level of each thread.
const levels = new WeakMap();
const levelOf = (share, nearFrom) => (share > 1 ? "is-full" : share >= nearFrom ? "is-near" : "");

export const showContext = (root, text, attached) => {
  const place = part(root, "context");
  if (!place) return;
  const { counted, system, after } = branch(root);
  const block = part(root, "system-prompt");
  // The provider has counted the system prompt that the last answer was given.
  const own = system === block?.dataset.current ? 0 : systemBytes(block);
  const uncounted = own + bytes(text) + after.reduce((sum, message) => sum + textBytes(message), 0);
  const files = [...after.flatMap((message) => [...message.querySelectorAll(".sent-file")]), ...attached];
  const used = counted + Math.ceil(uncounted / BYTES_PER_TOKEN) + tokensOf(files);
  const most = Number(place.dataset.window);
  const level = levelOf(used / most, Number(place.dataset.nearFrom));
  place.classList.toggle("is-empty", used === 0);
  place.querySelector("progress").value = Math.min(1, used / most);
  place.querySelector("progress").className = `meter ${level}`;
  place.querySelector("[data-context-used]").textContent = used ? `${number.format(used)} of ${number.format(most)} tokens` : "";
  place.querySelector("[data-context-near]").textContent = level === "is-near" ? `${Math.floor((used / most) * 100)} % used` : "";
  place.querySelector("[data-context-full]").hidden = level !== "is-full";
  // Spoken when it changes, not with every key and not when the page opens.
  if (level && levels.has(root) && level !== levels.get(root)) announce(place.querySelector("p").innerText.replace(/\s+/g, " "));
  levels.set(root, level);
};
