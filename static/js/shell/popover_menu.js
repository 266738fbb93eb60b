// A menu in a popover that the page has once. It is fetched for the button that it opens for, because a page has hundreds
// of such buttons.
import { tell } from "./toasts.js";

const GAP = 4;

export class PopoverMenu {
  // The button that the menu belongs to.
  opener = null;
  #element;
  #options;
  // The button whose menu was open when the pointer came down.
  #pressed = null;

  // buttons: their selector. urlOf(button): the address of its menu. again(button): the same button, if a swap has replaced
  // it. choose(item, event): what an item does.
  constructor(element, options) {
    this.#element = element;
    this.#options = options;
    document.addEventListener("pointerdown", (event) => {
      this.#pressed = this.isOpen ? event.target.closest(options.buttons) : null;
    });
    document.addEventListener("click", (event) => this.#click(event));
    window.addEventListener("resize", () => this.close());
    element.addEventListener("toggle", (event) => {
      if (event.newState === "closed") this.opener?.setAttribute("aria-expanded", "false");
    });
    element.addEventListener("click", (event) => {
      const item = event.target.closest("[role=menuitem]");
      if (!item) return;
      this.close(true);
      options.choose(item, event);
    });
    element.addEventListener("keydown", (event) => this.#key(event));
  }

  get isOpen() {
    return this.#element.matches(":popover-open");
  }

  // The menu makes all requests for its buttons: a button may leave the page before its answer comes.
  async request(verb, path, values = {}) {
    try {
      const swap = verb === "GET" ? "innerHTML" : "none";
      await htmx.ajax(verb, path, { source: this.#element, target: this.#element, swap, values });
    } catch {
      tell("The server cannot be reached. Try again.");
    }
  }

  close(hasFocus = false) {
    if (this.isOpen) this.#element.hidePopover();
    if (hasFocus) this.opener?.focus({ preventScroll: true });
  }

  // Below its button, or above where there is no room.
  place() {
    const button = this.opener.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.#element;
    const isBelow = button.bottom + GAP + height <= innerHeight;
    this.#element.style.left = `${Math.max(GAP, Math.min(button.left, innerWidth - width - GAP))}px`;
    this.#element.style.top = `${Math.max(GAP, isBelow ? button.bottom + GAP : button.top - GAP - height)}px`;
  }

  #items() {
    return [...this.#element.querySelectorAll("[role=menuitem]")];
  }

  #click(event) {
    const button = event.target.closest(this.#options.buttons);
    if (!button) return;
    // The press has closed its menu.
    if (button === this.#pressed && button === this.opener) this.#pressed = null;
    else this.#open(button);
  }

  async #open(button) {
    this.opener = button;
    this.#element.replaceChildren();
    await this.request("GET", this.#options.urlOf(button));
    if (this.opener !== button || !this.#items().length) return;
    this.opener = this.#options.again(button);
    if (!this.opener) return;
    this.#element.showPopover();
    this.opener.setAttribute("aria-expanded", "true");
    this.place();
    this.#items()[0].focus({ preventScroll: true });
  }

  #key(event) {
    const all = this.#items();
    const from = all.indexOf(document.activeElement);
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") {
      this.close(true);
      if (event.key === "Tab") return;
      event.stopPropagation();
    } else if (to === undefined) return;
    else all.at(to % all.length).focus();
    event.preventDefault();
  }
}
