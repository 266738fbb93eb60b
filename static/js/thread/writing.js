// Tells the others who have the conversation open that the reader is writing: every few seconds while they type, and once when
// the prompt is sent or emptied. Nobody is told while nobody else is here.
import { part } from "./roots.js";

// The server counts somebody as writing for twice as long.
const EVERY_MS = 3_000;

const tell = (root, is) => root.dispatchEvent(new CustomEvent("thread:writing", { bubbles: true, detail: { is } }));

// Without a socket nobody knows who is here.
export const forgetCompany = (root) => {
  part(root, "company")?.replaceChildren();
  part(root, "writing")?.replaceChildren();
};

export const startWriting = (root) => {
  let told = 0;
  const stop = () => {
    if (told) tell(root, false);
    told = 0;
  };
  root.addEventListener("input", ({ target }) => {
    if (!target.matches("textarea.prompt")) return;
    if (!target.value.trim()) return stop();
    const moment = performance.now();
    if ((told && moment - told < EVERY_MS) || !part(root, "company")?.firstElementChild) return;
    told = moment;
    tell(root, true);
  });
  root.addEventListener("composer:sent", stop);
};
