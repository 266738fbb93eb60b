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

class Frames {
  // Called when the page lacks text of a live answer: only a fresh start of the socket brings it.
  onBehind = () => {};
  #root;
  #thread;
  #cursors = {};
  #waiting = [];
  #scheduled = 0;
  // Live answers whose text agrees with their cursor.
  #joined = new WeakSet();

  constructor(root) {
    this.#root = root;
    this.#thread = part(root, "thread");
    new MutationObserver(() => {
      this.#join();
      part(root, "welcome")?.remove();
    }).observe(this.#thread, { childList: true });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden || !this.#scheduled) return;
      cancelAnimationFrame(this.#scheduled);
      this.#scheduled = setTimeout(() => this.#applyAll());
    });
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
    return { code: this.#root.dataset.thread, head, title, access, system, queue, cursors };
  }

  receive(frame, acknowledge) {
    this.#waiting.push({ frame, acknowledge });
    if (this.#scheduled) return;
    // A hidden page paints nothing and has no animation frames. It still has to acknowledge.
    this.#scheduled = document.hidden ? setTimeout(() => this.#applyAll()) : requestAnimationFrame(() => this.#applyAll());
  }

  // Frames of a closed socket would move the page ahead of what the next hello says.
  drop() {
    this.#waiting = [];
  }

  #liveAnswers() {
    return this.#thread.querySelectorAll("[data-run]");
  }

  #applyAll() {
    this.#scheduled = 0;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) this.#apply(each);
    this.#root.dispatchEvent(new CustomEvent("live:applied"));
  }

  #apply({ frame, acknowledge }) {
    const html = hasStrays(frame.html) ? withoutStrays(frame.html) : frame.html;
    htmx.swap(document.body, html, { swapStyle: "none", ignoreTitle: true });
    this.#join();
    this.#cursors = frame.cursors;
    if (frame.ack) acknowledge();
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
