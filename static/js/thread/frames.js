// Applies frames to a thread, and knows what the page has of it: the last message, and a cursor for each run.
import { part } from "./roots.js";

// A run goes on while the page shows another branch. Its elements are missing then.
const TARGETS = /hx-swap-oob="\w+:(#[\w-]+)/g;
const hasStrays = (html) => [...html.matchAll(TARGETS)].some(([, selector]) => !document.querySelector(selector));

const withoutStrays = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const element of [...template.content.children]) {
    const [, selector] = (element.getAttribute("hx-swap-oob") ?? "").split(":");
    if (selector && !document.querySelector(selector)) element.remove();
  }
  return template.innerHTML;
};

// A frame of a live run is a row of swaps into parts of its answer. What the model wrote has no such attribute: it is escaped.
const OF_RUN = /^<div hx-swap-oob="\w+:#run-/;
const BEGINNING = /(?=<div hx-swap-oob=")/;
const SWAP = /^<div hx-swap-oob="(?<how>\w+):(?<selector>[^"]+)">(?<content>.*)<\/div>\s*$/s;
const TEXT = ".answer, .reasoning-text";

// Parts in which hx-disable says that they hold nothing for htmx are filled here: htmx sends five events for each and looks at
// every word. Returns what is left for htmx, and whether anything but the text of answers has changed.
const fill = (html) => {
  const rest = [];
  let isMore = false;
  for (const swap of html.split(BEGINNING)) {
    const { how, selector, content } = SWAP.exec(swap)?.groups ?? {};
    const target = selector && document.querySelector(selector);
    const plain = target?.closest("[hx-disable]");
    if (!selector || (target && !plain)) rest.push(swap);
    else if (how === "beforeend") target?.insertAdjacentHTML("beforeend", content);
    else if (target) target.innerHTML = content;
    isMore ||= !plain?.matches(TEXT);
  }
  return { rest: rest.join(""), isMore };
};

// Threads with frames that wait. All are filled before anybody measures, so that the page is laid out once.
const waiting = new Set();
// Several answers may end in one moment. What takes longer than this goes on in a task of its own, after the keys that wait.
const MOST_MS = 20;

const applyAll = () => {
  const started = performance.now();
  const applied = [];
  for (const frames of waiting) {
    if (performance.now() - started > MOST_MS) break;
    waiting.delete(frames);
    applied.push({ frames, isMore: frames.apply() });
  }
  if (waiting.size) setTimeout(applyAll);
  for (const { frames, isMore } of applied) frames.tell(isMore);
};

class Frames {
  // Called when the page lacks text of a live answer: only a fresh start of the socket brings it.
  onBehind = () => {};
  #root;
  #thread;
  #cursors = {};
  #waiting = [];
  // Live answers whose text agrees with their cursor.
  #joined = new WeakSet();

  constructor(root) {
    this.#root = root;
    this.#thread = part(root, "thread");
    new MutationObserver(() => {
      this.#join();
      part(root, "welcome")?.remove();
    }).observe(this.#thread, { childList: true });
    this.#join();
  }

  state() {
    const cursors = {};
    for (const { dataset } of this.#liveAnswers()) cursors[dataset.run] = this.#cursors[dataset.run] ?? "";
    this.#cursors = { ...cursors };
    const head = this.#thread.lastElementChild?.id.replace("message-", "") ?? "";
    const title = part(this.#root, "title")?.textContent;
    const access = part(this.#root, "header")?.querySelector("[data-access]")?.dataset.access;
    const system = part(this.#root, "system-prompt")?.dataset.version;
    const queue = part(this.#root, "queue")?.dataset.version;
    const unread = document.querySelector(".notices-bell")?.dataset.unread;
    // Columns of a comparison show nobody: the whole page is one place.
    const company = part(this.#root, "company");
    const present = company ? (company.querySelector("[data-mark]")?.dataset.mark ?? "") : undefined;
    return { code: this.#root.dataset.thread, head, title, access, system, queue, unread, present, cursors };
  }

  // Not in an animation frame: the scroll event of a frame would come with the next one, which costs a second frame.
  receive(frame, acknowledge) {
    if (!waiting.size) setTimeout(applyAll);
    waiting.add(this);
    this.#waiting.push({ frame, acknowledge });
  }

  // Frames of a closed socket would move the page ahead of what the next hello says.
  drop() {
    this.#waiting = [];
  }

  #liveAnswers() {
    return this.#thread.querySelectorAll("[data-run]");
  }

  // Returns whether anything but the text of answers has changed.
  apply() {
    const frames = this.#waiting;
    this.#waiting = [];
    return frames.map((each) => this.#apply(each)).includes(true);
  }

  tell(isMore) {
    this.#root.dispatchEvent(new CustomEvent("live:grew"));
    if (isMore) this.#root.dispatchEvent(new CustomEvent("live:applied"));
  }

  #apply({ frame, acknowledge }) {
    const isMore = this.#swap(frame.html);
    this.#cursors = frame.cursors;
    if (frame.ack) acknowledge();
    return isMore;
  }

  #swap(html) {
    const { rest, isMore } = OF_RUN.test(html) ? fill(html) : { rest: hasStrays(html) ? withoutStrays(html) : html, isMore: true };
    if (rest) {
      htmx.swap(document.body, rest, { swapStyle: "none", ignoreTitle: true });
      this.#join();
    }
    return isMore;
  }

  // An answer that left the page and came back is empty, while its cursor says that its text was sent.
  #join() {
    let isBehind = false;
    for (const answer of this.#liveAnswers()) {
      if (this.#joined.has(answer)) continue;
      this.#joined.add(answer);
      if (this.#cursors[answer.dataset.run]) isBehind = true;
      delete this.#cursors[answer.dataset.run];
    }
    if (isBehind) this.onBehind();
  }
}

const frames = new WeakMap();

export const framesOf = (root) => frames.get(root);
export const startFrames = (root) => frames.set(root, new Frames(root));
