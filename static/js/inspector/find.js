// The search of the inspector: it marks what it finds in the open tab, hides rows without it, and opens folds that have it.
// Enter goes to the next place.
const MOST = 2000;
let ranges = [];
let at = -1;

// A match may begin in one node and end in another: the rest of a folded string is a node of its own.
const nodesOf = (panel) => {
  const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
  const starts = [];
  const nodes = [];
  const texts = [];
  let length = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.toLowerCase();
    starts.push(length);
    nodes.push(node);
    // A letter with two in lower case would move all places after it.
    texts.push(text.length === node.data.length ? text : node.data);
    length += node.data.length;
  }
  return { starts, nodes, text: texts.join("") };
};

// The last node that begins at or before a place.
const nodeAt = (starts, place) => {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle] <= place) low = middle;
    else high = middle - 1;
  }
  return low;
};

const rangesIn = (panel, words) => {
  const { starts, nodes, text } = nodesOf(panel);
  const found = [];
  for (let from = text.indexOf(words); from >= 0 && found.length < MOST; from = text.indexOf(words, from + words.length)) {
    const range = document.createRange();
    const [first, last] = [nodeAt(starts, from), nodeAt(starts, from + words.length - 1)];
    range.setStart(nodes[first], from - starts[first]);
    range.setEnd(nodes[last], from + words.length - starts[last]);
    found.push(range);
  }
  return found;
};

const inWords = (count) => {
  if (count >= MOST) return `${MOST}+ matches`;
  return count === 1 ? "1 match" : `${count} matches`;
};

export const mark = (section) => {
  const words = section.querySelector("[data-inspector-find]").value.trim().toLowerCase();
  const panel = section.querySelector("[role=tabpanel]");
  for (const row of panel.querySelectorAll("[data-findable]")) {
    row.hidden = Boolean(words) && !row.textContent.toLowerCase().includes(words);
  }
  ranges = words ? rangesIn(panel, words) : [];
  at = -1;
  for (const range of ranges) {
    const fold = range.endContainer.parentElement.closest("details:not([open])");
    if (fold) fold.open = true;
  }
  // A highlight changes nothing in the page.
  if (window.Highlight) CSS.highlights.set("found", new Highlight(...ranges));
  section.querySelector("#inspector-found").textContent = words ? inWords(ranges.length) : "";
};

const scrollers = (node) => {
  const found = [];
  for (let each = node; each; each = each.parentElement) if (each.scrollHeight > each.clientHeight) found.push(each);
  return found;
};

const next = (step) => {
  if (!ranges.length) return;
  at = (at + step + ranges.length) % ranges.length;
  for (const scroller of scrollers(ranges[at].startContainer.parentElement)) {
    const top = Math.max(0, scroller.getBoundingClientRect().top);
    scroller.scrollTop += ranges[at].getBoundingClientRect().top - top - Math.min(scroller.clientHeight, innerHeight) / 3;
  }
  if (window.Highlight) CSS.highlights.set("hit", new Highlight(ranges[at]));
};

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-inspector-find]")) mark(event.target.closest("[data-inspector]"));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-inspector-find]")) return;
  event.preventDefault();
  next(event.shiftKey ? -1 : 1);
});
