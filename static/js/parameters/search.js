// Shows all or only the changed parameters, and only names that contain the typed text. The view and the folded groups
// are remembered in this browser.
import { read, write } from "../shell/storage.js";

const place = document.getElementById("parameters");
const CONTROL = ".parameter-control :is(input:checked, input:not([type=radio], [type=hidden], [type=range]), select, textarea, button)";

const letters = (text) => text.toLowerCase().replace(/[\s_.-]+/g, "");

const none = (wanted, view) => {
  if (!wanted) return "Nothing is changed. The model's defaults apply.";
  return view === "changed" ? `No changed parameter has “${wanted}” in its name.` : `No parameter of this model has “${wanted}” in its name.`;
};

const isInUse = (group) => group.querySelector(".is-sent, .has-errors") !== null;

// A parameter that is reset in the view of changed ones stays visible until the next search, so that nothing moves away
// under the pointer.
const apply = (form) => {
  const box = form.querySelector("[data-find]");
  if (!box) return;
  const view = form.querySelector('[data-view][aria-pressed="true"]').dataset.view;
  const wanted = letters(box.value);
  const isNarrow = wanted !== "" || view === "changed";
  let shown = 0;
  for (const group of form.querySelectorAll("[data-group]")) {
    let here = 0;
    for (const parameter of group.querySelectorAll("[data-parameter]")) {
      const fits = letters(parameter.dataset.parameter).includes(wanted) && (view === "all" || parameter.matches(".is-sent, .has-errors"));
      parameter.hidden = !fits;
      here += fits;
    }
    group.hidden = here === 0;
    if (isNarrow) {
      group.dataset.wasOpen ??= String(group.open);
      group.open = true;
    } else if (group.dataset.wasOpen) {
      group.open = group.dataset.wasOpen === "true" || (group.matches("[data-forgotten]") && isInUse(group));
      delete group.dataset.wasOpen;
    }
    shown += here;
  }
  const message = form.querySelector("[data-none]");
  message.hidden = shown > 0;
  message.textContent = shown ? "" : none(box.value.trim(), view);
};

const show = (form, view) => {
  for (const button of form.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", String(button.dataset.view === view));
  apply(form);
};

// A new form shows the same view as the one before it.
const restore = () => {
  const form = (place ?? document).querySelector("[data-parameters]");
  if (!form) return;
  for (const group of form.querySelectorAll("[data-group]:not([data-forgotten])")) {
    const kept = read(`parameters:${group.dataset.group}`);
    if (kept) group.open = kept === "open";
  }
  if (form.querySelector("[data-view]")) show(form, read("parameters:view") ?? "all");
};

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-find]")) apply(event.target.closest("[data-parameters]"));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-view]");
  if (button) {
    write("parameters:view", button.dataset.view);
    show(button.closest("[data-parameters]"), button.dataset.view);
  }
  const group = event.target.closest("[data-group]:not([data-forgotten]) > summary")?.parentElement;
  if (group && !group.dataset.wasOpen) write(`parameters:${group.dataset.group}`, group.open ? "folded" : "open");
});

document.addEventListener("keydown", (event) => {
  const box = event.target;
  if (!box.matches?.("[data-find]")) return;
  if (event.key === "ArrowDown" || event.key === "Enter") {
    event.preventDefault();
    box.closest("[data-parameters]").querySelector(`[data-group]:not([hidden])[open] [data-parameter]:not([hidden]) ${CONTROL}`)?.focus();
  }
});

if (place) new MutationObserver(restore).observe(place, { childList: true });
// Pages without a place of its own replace the form with what is around it.
else document.addEventListener("htmx:load", restore);
restore();
