// The parameter form: parameters that will be sent are marked at once, and "parameters:changed" makes htmx tell the
// server.
import { fetchPart } from "./parts.js";

const NULLABLE = ".parameter-number > .parameter-input, .parameter-control > textarea";
const NULL_BOXES = [":is(textarea, input)", ".parameter-number > .parameter-input", ".parameter-tags > .is-next > input"]
  .map((box) => `:scope > .parameter-control > ${box}`).join();
const FIRST = ":is(input:checked, input:not([type=radio], [type=hidden]), select, textarea, button)";
const root = (node) => node.closest("[data-parameters]");
const field = (node) => node.closest("[data-parameter]");
const named = (parent) => parent.querySelectorAll("[name]");

const counts = (control) => {
  if (control.closest("[data-branch][hidden]")) return false;
  if (control.name.endsWith(".json")) return false;
  if (control.type === "radio" || control.type === "checkbox") return control.checked && control.value !== "";
  if (control.type === "hidden") return control.name.endsWith(".item");
  return control.value !== "";
};

const isSent = (parameter) => {
  const states = [...parameter.querySelectorAll(":scope > .parameter-head [data-state]")];
  if (states.some((state) => state.dataset.state === "json" && state.checked)) {
    return parameter.querySelector(":scope > .parameter-json textarea").value.trim() !== "";
  }
  const choice = parameter.querySelector(":scope > .parameter-control > select[data-chooses]");
  if (choice) return choice.value !== "";
  const segments = parameter.querySelectorAll(":scope > .parameter-control > .parameter-segments input");
  if (segments.length) return [...segments].some((segment) => segment.checked && segment.value !== "");
  return [...named(parameter)].some(counts);
};

const write = (place, text) => {
  if (place.textContent !== text) place.textContent = text;
};

// A box that is sent as null says so at once.
const markNull = (form) => {
  for (const state of form.querySelectorAll('[data-state="null"]')) {
    for (const box of state.closest(".parameter, .parameter-part").querySelectorAll(NULL_BOXES)) {
      const isNull = box.placeholder === "null";
      if (state.checked === isNull) continue;
      if (state.checked) box.dataset.unset = box.placeholder;
      box.placeholder = state.checked ? "null" : box.dataset.unset ?? "not sent";
    }
  }
};

const mark = (form) => {
  let changed = 0;
  markNull(form);
  for (const group of form.querySelectorAll("[data-group]")) {
    let here = 0;
    for (const parameter of group.querySelectorAll("[data-parameter]")) {
      const sent = isSent(parameter);
      parameter.classList.toggle("is-sent", sent);
      here += sent;
    }
    write(group.querySelector(".parameter-group-count"), here ? `${here} changed` : "");
    changed += here;
  }
  write(form.querySelector("[data-changed]"), String(changed));
  form.querySelector("[data-reset-all]").hidden = changed === 0;
};

export const parametersChanged = (node) => {
  const form = root(node);
  // The node may have left the page during a request.
  if (!form) return;
  mark(form);
  form.dataset.unkept = "waiting";
  form.dispatchEvent(new CustomEvent("parameters:changed"));
};

const clearState = (parameter, name) => {
  for (const state of parameter.querySelectorAll(`:scope > .parameter-head [data-state="${name}"]`)) state.checked = false;
};

// A large alternative is fetched when it is chosen.
const fillBranch = async (branch) => {
  if (!branch.dataset.part || branch.hasAttribute("aria-busy")) return;
  await fetchPart(branch.dataset.part, branch, "innerHTML");
  if (!branch.childElementCount) return;
  delete branch.dataset.part;
  parametersChanged(branch);
};

const choose = (control) => {
  const branches = document.getElementById(control.dataset.chooses);
  for (const branch of branches?.children ?? []) {
    branch.hidden = branch.dataset.branch !== control.value;
    if (!branch.hidden) fillBranch(branch);
  }
};

// A reset parameter is not sent, so the model's default applies.
const reset = (parameter) => {
  for (const control of named(parameter)) {
    if (control.type === "radio") control.checked = control.value === "";
    else if (control.type === "checkbox") control.checked = false;
    else if (control.type === "hidden") control.remove();
    else control.value = "";
    if (control.dataset.chooses && (control.type !== "radio" || control.checked)) choose(control);
  }
  for (const message of parameter.querySelectorAll(".parameter-error")) message.textContent = "";
  for (const control of parameter.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  parameter.dispatchEvent(new CustomEvent("parameters:reset", { bubbles: true }));
};

// Switching JSON off: only the server can put the written JSON into the controls.
const switchState = (box) => {
  const parameter = box.closest(".parameter, .parameter-part");
  if (box.dataset.state !== "json") {
    const isNull = box.dataset.state === "null" && box.checked;
    for (const input of isNull ? parameter.querySelectorAll(NULLABLE) : []) input.value = "";
    return;
  }
  if (box.checked) return;
  box.value = "from-json";
  box.checked = true;
  box.dataset.state = "from-json";
  parameter.dataset.renew = "";
};

document.addEventListener("input", (event) => {
  const form = root(event.target);
  if (!form) return;
  const control = event.target;
  if (control.matches("[data-find], [data-slider-of], [data-tool-name]")) return;
  if (control.matches("[data-state]")) switchState(control);
  else if (control.value !== "") clearState(control.closest(".parameter, .parameter-part"), "null");
  if (control.dataset.chooses) choose(control);
  parametersChanged(form);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reset-all], [data-reset]");
  const form = button && root(button);
  if (!form) return;
  if (button.matches("[data-reset-all]")) {
    for (const parameter of form.querySelectorAll("[data-parameter].is-sent, [data-parameter].has-errors")) reset(parameter);
    form.querySelector("[data-notice]")?.remove();
    // The button disappears now.
    (form.querySelector("[data-find]") ?? form.querySelector("[data-parameter] :is(input, select, textarea)"))?.focus();
  } else {
    const parameter = field(button);
    reset(parameter);
    parameter.querySelector(`.parameter-control ${FIRST}`)?.focus();
  }
  parametersChanged(form);
});

document.addEventListener("parameters:renewed", (event) => mark(event.target));
