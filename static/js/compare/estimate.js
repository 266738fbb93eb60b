// The estimated cost of the next prompt in all columns that it goes to: the sum of what each would say by itself.
import { costText, estimateOf, isEmptyPrompt, tokensText } from "../composer/estimate.js";
import { textBytes } from "../composer/sizes.js";
import { part } from "../thread/roots.js";

const PAUSE_MS = 150;
const shared = document.querySelector("[data-shared]");
const place = document.getElementById("compare");
// The bytes of each column's messages, which take long to count.
const counted = new Map();
let timer = 0;

const receivers = () => [...place.querySelectorAll(".compare-column")].filter((root) => root.querySelector(".column-receives input").checked);

const bytesOf = (root) => {
  if (!counted.has(root)) counted.set(root, textBytes(part(root, "thread")));
  return counted.get(root);
};

const words = () => {
  const chosen = receivers();
  // Each estimate also notes what the parameters ask for while the page shows them.
  const each = chosen.map((root) => estimateOf(root, bytesOf(root)));
  if (!chosen.length || isEmptyPrompt(shared)) return "";
  const tokens = tokensText(each.reduce((sum, { input }) => sum + input, 0));
  // Prices would tell the hidden models.
  if ("blind" in place.dataset) return tokens;
  const priced = each.filter(({ cost }) => cost !== null);
  if (!priced.length) return tokens;
  const cost = costText(priced.reduce((sum, { cost }) => sum + cost, 0));
  const unpriced = each.length - priced.length;
  return `${tokens} · ${cost}${unpriced ? `, ${unpriced} without a price` : ""}`;
};

const show = () => {
  const line = part(shared, "estimate");
  if (!line) return;
  const text = words();
  if (line.textContent !== text) line.textContent = text;
};

const showSoon = () => {
  clearTimeout(timer);
  timer = setTimeout(show, PAUSE_MS);
};

document.addEventListener("input", showSoon);
place.addEventListener("change", showSoon);
document.addEventListener("htmx:load", showSoon);
shared.addEventListener("draft:restored", showSoon);
shared.addEventListener("attachments:changed", showSoon);
for (const root of place.querySelectorAll(".compare-column")) {
  const forget = () => {
    counted.delete(root);
    showSoon();
  };
  new MutationObserver(forget).observe(part(root, "thread"), { childList: true });
  root.addEventListener("live:applied", () => counted.delete(root));
}
showSoon();
