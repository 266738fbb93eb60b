// The model picker: opens, is walked by keyboard, and closes when a model is chosen. filter.js finds and sorts.
import { focusPrompt } from "../composer/prompt.js";
import { threadOf } from "../thread/roots.js";
import { startFilter } from "./filter.js";

const STALE_MS = 30_000;
const ROW = ".picker-row, .picker-star";
const hasTouchKeyboard = matchMedia("(pointer: coarse)");

const startPicker = (picker) => {
  const list = document.getElementById("picker-list");
  const find = picker.querySelector("[data-picker-find]");
  const form = picker.querySelector("[data-picker-choose]");
  const failed = picker.querySelector("[data-picker-failed]");
  const unfetched = picker.querySelector("[data-picker-unfetched]");
  let fetchedAt = -Infinity;
  // Enter was pressed before the list arrived.
  let isAwaited = false;

  const button = () => document.getElementById("picker-button");
  const items = () => [...picker.querySelectorAll("[data-model]:not([hidden])")];

  const showFetched = (isThere) => {
    unfetched.hidden = isThere;
    const waiting = list.querySelector("[data-picker-waiting]");
    if (waiting) waiting.hidden = !isThere;
    if (!isThere) fetchedAt = -Infinity;
  };

  const fetchList = () => {
    fetchedAt = Date.now();
    showFetched(true);
    htmx.trigger(list, "picker:fetch");
  };

  // Tab reaches one row. The arrow keys go on from there.
  const makeReachable = (row) => {
    for (const other of list.querySelectorAll(ROW)) if (other.tabIndex === 0) other.tabIndex = -1;
    if (row) row.tabIndex = 0;
  };

  const markCurrent = () => {
    for (const row of list.querySelectorAll("[aria-current]")) row.removeAttribute("aria-current");
    list.querySelector(`[data-model="${button().dataset.model}"] .picker-row`)?.setAttribute("aria-current", "true");
  };

  const open = () => {
    find.value = "";
    failed.hidden = true;
    isAwaited = false;
    picker.returnValue = "";
    picker.showModal();
    find.dispatchEvent(new Event("input", { bubbles: true }));
    // On a phone the keyboard would cover the list.
    if (hasTouchKeyboard.matches) picker.querySelector("[data-closes]").focus();
    else find.focus();
    if (Date.now() - fetchedAt > STALE_MS) fetchList();
    else markCurrent();
  };

  const choose = (item) => {
    if (!item) return;
    item.setAttribute("aria-busy", "true");
    form.elements.model.value = item.dataset.model;
    form.requestSubmit();
  };

  const toggleFavourite = (star) => {
    const isOn = star.getAttribute("aria-pressed") !== "true";
    star.setAttribute("aria-pressed", isOn);
    const url = picker.dataset.favouriteUrl.replace("/0/", `/${star.closest("[data-model]").dataset.model}/`);
    htmx.ajax("POST", url, { source: star, swap: "none", values: { on: isOn } });
    // The row moves to its new place when the picker opens again, not away from under the pointer.
    fetchedAt = -Infinity;
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-picker-open]")) return open();
    if (event.target.closest("[data-picker-again]")) return fetchList();
    const pressed = event.target.closest(ROW);
    if (!pressed || !picker.contains(pressed)) return;
    if (pressed.matches(".picker-star")) toggleFavourite(pressed);
    else choose(pressed.closest("[data-model]"));
  });

  const relist = startFilter(picker);
  list.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== list) return;
    relist();
    for (const row of list.querySelectorAll(ROW)) row.tabIndex = -1;
    makeReachable(list.querySelector(".picker-row"));
    markCurrent();
    if (isAwaited) choose(items()[0]);
    isAwaited = false;
  });

  picker.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful, xhr } = event.detail;
    if (elt.matches(".picker-star") && !successful) {
      elt.setAttribute("aria-pressed", elt.getAttribute("aria-pressed") !== "true");
    }
    // After signing out, the response is the sign-in page.
    if (elt === list) showFetched(successful && new URL(xhr.responseURL).pathname === list.getAttribute("hx-get"));
    if (elt !== form) return;
    picker.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
    failed.hidden = successful;
    if (successful) picker.close("chosen");
    else fetchList();
  });

  // Models that lacked a key are ready now.
  document.addEventListener("keys:changed", () => {
    fetchedAt = -Infinity;
  });

  // The button may have been replaced while the picker was open.
  picker.addEventListener("close", () => {
    button()?.focus({ focusVisible: true });
    if (picker.returnValue === "chosen") focusPrompt(threadOf(button()));
  });

  const walk = (event) => {
    const from = event.target.closest("[data-model]");
    const found = items();
    const at = found.indexOf(from);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: found.length - 1 }[event.key];
    if (to === undefined || !found.length) return;
    event.preventDefault();
    if (to < 0) return find.focus();
    const part = event.target.matches(".picker-star") ? ".picker-star" : ".picker-row";
    const next = found[Math.min(to, found.length - 1)].querySelector(part);
    makeReachable(next);
    next.focus();
  };

  const aside = (event) => {
    const part = { ArrowRight: ".picker-star", ArrowLeft: ".picker-row" }[event.key];
    if (!part) return;
    event.preventDefault();
    const next = event.target.closest("[data-model]").querySelector(part);
    makeReachable(next);
    next.focus();
  };

  picker.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target === find) {
      if (event.key === "Enter") {
        event.preventDefault();
        const first = items()[0];
        if (first) choose(first);
        else isAwaited = !list.querySelector("[data-picker-results]");
      } else if (event.key === "ArrowDown") walk(event);
      return;
    }
    if (!event.target.matches(ROW)) return;
    aside(event);
    walk(event);
    // Typing on a row continues in the search box. The pressed key is typed there too.
    if ((event.key.length === 1 && event.key !== " ") || event.key === "Backspace") find.focus();
  });

  picker.querySelector("[data-picker-narrow]").addEventListener("click", ({ currentTarget }) => {
    const isOpen = currentTarget.getAttribute("aria-expanded") !== "true";
    currentTarget.setAttribute("aria-expanded", isOpen);
    picker.toggleAttribute("data-narrowing", isOpen);
  });
};

const picker = document.getElementById("picker");
if (picker) startPicker(picker);
