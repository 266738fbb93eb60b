// A slash at the start of the composer lists the prompts of the library. Typing narrows the list down, the arrows move in it,
// Enter and Tab choose, Escape closes. While nothing fits, the list is closed and the keys are the composer's own.
import { announce } from "../shell/announcer.js";

const list = document.getElementById("prompt-pick");
const dialog = document.getElementById("prompt-values");
const body = document.getElementById("prompt-values-body");

let box = null;
let active = null;
let isFetched = false;
// Escape closes the list until another slash is typed.
let isDismissed = false;

const isOpen = () => Boolean(list?.matches(":popover-open"));
const options = () => [...list.querySelectorAll("[data-fill]:not([hidden])")];

const activate = (option) => {
  active?.setAttribute("aria-selected", "false");
  active = option ?? null;
  active?.setAttribute("aria-selected", "true");
  active?.scrollIntoView({ block: "nearest" });
  if (active) box.setAttribute("aria-activedescendant", active.id);
  else box?.removeAttribute("aria-activedescendant");
};

const close = () => {
  if (!isOpen()) return;
  activate(null);
  list.hidePopover();
  box.removeAttribute("aria-controls");
};

const place = () => {
  const around = box.closest(".composer-box").getBoundingClientRect();
  list.style.left = `${around.left}px`;
  list.style.width = `${around.width}px`;
  list.style.bottom = `${window.innerHeight - around.top + 6}px`;
  list.style.maxHeight = `${Math.max(120, Math.min(320, around.top - 16))}px`;
};

const narrow = () => {
  const words = box.value.slice(1).toLowerCase().split(" ").filter(Boolean);
  for (const option of list.querySelectorAll("[data-fill]")) {
    const name = option.querySelector(".prompt-option-name").textContent.toLowerCase();
    option.hidden = !words.every((word) => name.includes(word));
  }
  const found = options();
  if (!found.length) return close();
  if (!isOpen()) {
    place();
    list.showPopover();
    box.setAttribute("aria-controls", "prompt-pick-list");
    announce(`${found.length} prompts. Use the arrow keys to choose one.`);
  }
  if (!active || active.hidden) activate(found[0]);
};

const isAsked = () => box.value.startsWith("/") && !box.value.includes("\n") && box.value.length < 80;

const open = async () => {
  if (!isFetched) {
    isFetched = true;
    await htmx.ajax("GET", list.dataset.url, { source: list, target: list, swap: "innerHTML" }).catch(() => {
      isFetched = false;
    });
  }
  if (box && isAsked() && !isDismissed) narrow();
};

const choose = (option) => {
  close();
  htmx.ajax("GET", option.dataset.fill, { source: body, target: body, swap: "innerHTML" });
};

const write = (text) => {
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
};

document.addEventListener("input", (event) => {
  if (!list || !event.target.matches?.(".composer .prompt")) return;
  box = event.target;
  if (!isAsked()) {
    isDismissed = false;
    // The next slash asks for the list anew: somebody may have added a prompt.
    isFetched &&= isOpen();
    close();
  } else if (!isDismissed) open();
});

// Before the composer: Enter would send, and Escape would stop the answer.
document.addEventListener("keydown", (event) => {
  if (!isOpen() || event.target !== box || event.isComposing || event.keyCode === 229) return;
  const found = options();
  const at = found.indexOf(active);
  if (event.key === "ArrowDown") activate(found[(at + 1) % found.length]);
  else if (event.key === "ArrowUp") activate(found[(at + found.length - 1) % found.length]);
  else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") choose(active);
  else if (event.key === "Escape") {
    isDismissed = true;
    close();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });

// The press must not take the focus from the composer.
list?.addEventListener("pointerdown", (event) => event.preventDefault());
list?.addEventListener("click", (event) => {
  const option = event.target.closest("[data-fill]");
  if (option) choose(option);
});
document.addEventListener("focusout", (event) => {
  if (event.target === box) close();
});
// The keyboard of a phone changes the size of the window while somebody types.
window.addEventListener("resize", () => isOpen() && place());

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== body) return;
  const text = body.querySelector("[data-prompt-text]");
  if (!text) {
    if (!dialog.open && body.firstElementChild) dialog.showModal();
    return (body.querySelector("[aria-invalid]") ?? body.querySelector(".field :is(input, select, textarea)"))?.focus();
  }
  const filled = text.value;
  dialog.close();
  write(filled);
  box.focus();
  box.setSelectionRange(filled.length, filled.length);
});

// The prompt opens in another chat: this composer keeps no rest of its name.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Redirect") && dialog?.contains(event.detail.elt)) write("");
});

dialog?.addEventListener("close", () => {
  body.replaceChildren();
  box?.focus();
});
