// The estimated cost of the next prompt, by the same rule as playground.pricing: a quarter of a token per byte, the
// server's count for each file, a margin for other tokenisers, and the longest answer that the parameters allow.
// The server's own estimate decides.
import { part } from "../thread/roots.js";
import { showContext } from "./context.js";
import { usd } from "./money.js";
import { BYTES_PER_TOKEN, bytes, systemBytes, textBytes, tokensOf } from "./sizes.js";

const MARGIN = 1.15;
const DEFAULT_OUTPUT_TOKENS = 4096;
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

const outputTokens = (composer) => {
  const longest = Number(composer.dataset.outputMax) || Infinity;
  const names = composer.dataset.outputLengths.split(" ");
  const boxes = names.map((name) => document.querySelector(`#parameters-form [name="p.${name}"]`));
  const asked = [...boxes.map((box) => Number(box?.value)), ...extraLengths(extraParameters(), names)].filter((tokens) => tokens > 0);
  return Math.min(longest, asked.length ? Math.max(...asked) : DEFAULT_OUTPUT_TOKENS);
};

const costText = (amount) => (amount === 0 ? "free" : `up to ${usd(amount)}`);

export const startEstimate = (root) => {
  let threadBytes = null;
  let timer = 0;

  const show = () => {
    const composer = part(root, "composer");
    const place = part(root, "estimate");
    if (!place) return;
    const text = part(root, "prompt").value;
    showContext(root, text, attachedFiles(root));
    if (!text.trim() && !attachedFiles(root).length) return place.replaceChildren();
    threadBytes ??= textBytes(part(root, "thread"));
    const system = systemBytes(part(root, "system-prompt"));
    const input = Math.ceil(((bytes(text) + system + threadBytes) / BYTES_PER_TOKEN + fileTokens(root)) * MARGIN);
    const { inputPrice, outputPrice } = composer.dataset;
    const tokens = document.createElement("span");
    tokens.textContent = `~${input.toLocaleString("en")} token${input === 1 ? "" : "s"}`;
    if (!inputPrice || !outputPrice) return place.replaceChildren(tokens);
    const credits = (input * Number(inputPrice) + outputTokens(composer) * Number(outputPrice)) / MILLION;
    // The style sheet leaves the tokens out where there is no room.
    tokens.className = "estimate-tokens";
    tokens.append(" · ");
    place.replaceChildren(tokens, costText(credits / CREDITS_PER_USD));
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
