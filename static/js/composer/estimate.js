// The estimated cost of the next prompt, roughly: a quarter of a token per byte, the server's count for each file, a margin
// for other tokenisers, and the longest answer that the parameters allow, or that the model usually gives.
// The server's own estimate decides.
import { part } from "../thread/roots.js";
import { showContext } from "./context.js";
import { usd } from "./money.js";
import { BYTES_PER_TOKEN, bytes, systemBytes, textBytes, tokensOf } from "./sizes.js";

const MARGIN = 1.15;
const CREDITS_PER_USD = 2_000_000;
const MILLION = 1_000_000;
const PAUSE_MS = 150;
// The depth to which the server looks for a length.
const DEEPEST = 4;

const attachedFiles = (root) => part(root, "attachments")?.querySelectorAll("[data-tokens]") ?? [];

const fileTokens = (root) => tokensOf([...part(root, "thread").querySelectorAll(".sent-file"), ...attachedFiles(root)]);

// The lengths in the box for extra parameters, which may lie inside other objects.
const extraLengths = (value, names, depth = 1) => {
  if (value === null || typeof value !== "object" || Array.isArray(value) || depth > DEEPEST) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    names.includes(name.toLowerCase()) ? [Number(inner)] : extraLengths(inner, names, depth + 1));
};

const extraParameters = () => {
  try {
    return JSON.parse(document.querySelector('#parameters-form [name="p.=extra"]')?.value || "{}");
  } catch {
    return {};
  }
};

// The page shows the parameters of one thread. A composer that is not theirs says itself what its own ask for.
const areShownFor = (root) => {
  const of = document.querySelector("#parameters-form [name=of]")?.value;
  return !of || of === root.dataset.thread;
};

const outputTokens = (root, composer) => {
  const longest = Number(composer.dataset.outputMax) || Infinity;
  const usual = Number(composer.dataset.outputUsual);
  if (!areShownFor(root)) return Math.min(longest, Number(composer.dataset.outputAsked) || usual);
  const names = composer.dataset.outputLengths.split(" ");
  const boxes = names.map((name) => document.querySelector(`#parameters-form [name="p.${name}"]`));
  const asked = [...boxes.map((box) => Number(box?.value)), ...extraLengths(extraParameters(), names)].filter((tokens) => tokens > 0);
  // The page may show the parameters of another thread next.
  composer.dataset.outputAsked = String(Math.max(0, ...asked));
  return Math.min(longest, asked.length ? Math.max(...asked) : usual);
};

export const costText = (amount) => (amount === 0 ? "free" : `up to ${usd(amount)}`);
export const tokensText = (input) => `~${input.toLocaleString("en")} token${input === 1 ? "" : "s"}`;
export const isEmptyPrompt = (root) => !part(root, "prompt").value.trim() && !attachedFiles(root).length;

// The tokens of the prompt with all that goes along, and the most that the answer costs in dollars; null without a price.
export const estimateOf = (root, threadBytes) => {
  const composer = part(root, "composer");
  const words = bytes(part(root, "prompt").value) + systemBytes(part(root, "system-prompt")) + threadBytes;
  const input = Math.ceil((words / BYTES_PER_TOKEN + fileTokens(root)) * MARGIN);
  const { inputPrice, outputPrice } = composer.dataset;
  if (!inputPrice || !outputPrice) return { input, cost: null };
  const credits = (input * Number(inputPrice) + outputTokens(root, composer) * Number(outputPrice)) / MILLION;
  return { input, cost: credits / CREDITS_PER_USD };
};

export const startEstimate = (root) => {
  let threadBytes = null;
  let timer = 0;

  const show = () => {
    const place = part(root, "estimate");
    if (!place) return;
    showContext(root, part(root, "prompt").value, attachedFiles(root));
    if (isEmptyPrompt(root)) return place.replaceChildren();
    threadBytes ??= textBytes(part(root, "thread"));
    const { input, cost } = estimateOf(root, threadBytes);
    const tokens = document.createElement("span");
    tokens.textContent = tokensText(input);
    if (cost === null) return place.replaceChildren(tokens);
    // The style sheet leaves the tokens out where there is no room.
    tokens.className = "estimate-tokens";
    tokens.append(" · ");
    place.replaceChildren(tokens, costText(cost));
  };

  const showSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE_MS);
  };
  const measureAgain = () => {
    threadBytes = null;
    showSoon();
  };

  document.addEventListener("input", (event) => {
    if (event.target.closest("[data-parameters], .system-prompt") || part(root, "composer")?.contains(event.target)) showSoon();
  });
  document.addEventListener("htmx:load", measureAgain);
  root.addEventListener("draft:restored", showSoon);
  root.addEventListener("attachments:changed", showSoon);
  new MutationObserver(measureAgain).observe(part(root, "thread"), { childList: true });
  showSoon();
};
