// Notices of what was just done, with Undo. A toast goes away by itself, but not while the pointer or the focus is on it.
import { announce } from "./announcer.js";
import { focusRow, shownCode } from "./conversation_list.js";

const SHOWN_MS = 10_000;
const place = document.getElementById("toasts");
const MOST = 3;

class Toast {
  #element;
  #left = SHOWN_MS;
  #since = 0;
  #timer = 0;
  // Where the focus came from.
  #before = null;
  #isBusy = false;

  constructor(element) {
    this.#element = element;
    for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, (event) => this.#pause(event));
    for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, () => queueMicrotask(() => this.#resume()));
    element.addEventListener("click", (event) => {
      if (event.target.closest("[data-toast-close]")) this.close();
      if (event.target.closest("[data-undo]")) this.#undo(event.target.closest("[data-undo]"));
    });
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
    });
    this.#resume();
  }

  close() {
    // A request ends with the element that made it.
    if (this.#isBusy) return;
    clearTimeout(this.#timer);
    const hadFocus = this.#element.contains(document.activeElement);
    this.#element.remove();
    if (!hadFocus) return;
    if (this.#before?.isConnected && this.#before !== document.body) this.#before.focus({ preventScroll: true });
    else focusRow();
  }

  #pause(event) {
    if (event.type === "focusin" && !this.#element.contains(event.relatedTarget)) this.#before = event.relatedTarget;
    if (!this.#since) return;
    clearTimeout(this.#timer);
    this.#left -= Date.now() - this.#since;
    this.#since = 0;
  }

  #resume() {
    if (this.#since || this.#isBusy || this.#element.matches(":hover, :focus-within")) return;
    this.#since = Date.now();
    this.#timer = setTimeout(() => this.close(), Math.max(this.#left, 1_000));
  }

  async #undo(button) {
    if (this.#isBusy) return;
    this.#pause({});
    this.#isBusy = true;
    const values = "inList" in button.dataset ? { current: shownCode() } : {};
    let isDone = false;
    const note = (event) => {
      isDone = event.detail.successful;
    };
    this.#element.addEventListener("htmx:afterRequest", note, { once: true });
    await htmx.ajax("POST", button.dataset.undo, { source: this.#element, swap: "none", values }).catch(() => {});
    this.#isBusy = false;
    if (isDone) this.#undone(button);
    else this.#failed(button);
  }

  #undone(button) {
    announce("Undone.");
    const row = document.getElementById(`row-${button.dataset.row}`);
    if (row && this.#element.contains(document.activeElement)) row.focus({ preventScroll: true });
    this.close();
  }

  #failed(button) {
    const words = this.#element.querySelector("[data-toast-failed]");
    this.#element.querySelector("[data-toast-words]").hidden = true;
    words.hidden = false;
    announce(words.textContent);
    const hadFocus = document.activeElement === button;
    button.remove();
    if (hadFocus) this.#element.querySelector("[data-toast-close]").focus();
    this.#left = SHOWN_MS;
    this.#resume();
  }
}

const started = new WeakMap();

const start = () => {
  const all = [...place.querySelectorAll("[data-toast]")];
  for (const element of all) {
    if (started.has(element)) continue;
    started.set(element, new Toast(element));
    const words = element.querySelector("[data-toast-words]").textContent;
    announce(element.querySelector("[data-undo]") ? `${words} You can undo this for ten seconds.` : words);
  }
  for (const element of all.slice(0, -MOST)) started.get(element).close();
};

export const tell = (words) => {
  const toast = document.getElementById("plain-toast").content.firstElementChild.cloneNode(true);
  toast.querySelector("[data-toast-words]").textContent = words;
  place.append(toast);
};

new MutationObserver(start).observe(place, { childList: true });
start();
// A reload shows the page without its toast.
if (new URLSearchParams(location.search).has("deleted")) history.replaceState(history.state, "", location.pathname);
