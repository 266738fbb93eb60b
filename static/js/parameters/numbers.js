// Changes numbers by a slider, by arrow keys and by two buttons.
const box = (slider) => document.getElementById(slider.dataset.sliderOf);
const slider = (input) => input.parentElement.querySelector("[data-slider-of]");

const set = (input, value) => {
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
};

// Decimal steps add up to numbers such as 0.30000000000000004.
const tidy = (number) => String(Number(number.toFixed(9)));

const nudge = (input, steps) => {
  const { step, start, minimum, maximum } = input.dataset;
  if (input.value.trim() === "") return set(input, start);
  const from = Number(input.value);
  if (Number.isNaN(from)) return;
  const lowest = minimum === undefined ? -Infinity : Number(minimum);
  const highest = maximum === undefined ? Infinity : Number(maximum);
  set(input, tidy(Math.min(highest, Math.max(lowest, from + steps * Number(step)))));
};

document.addEventListener("input", (event) => {
  const control = event.target;
  if (control.matches?.("[data-slider-of]")) set(box(control), control.value);
  else if (control.matches?.("[data-step]")) {
    const beside = slider(control);
    if (beside && control.value !== "" && !Number.isNaN(Number(control.value))) beside.value = control.value;
    if (beside && control.value === "") beside.value = beside.dataset.rest;
  }
});

document.addEventListener("parameters:reset", (event) => {
  for (const each of event.target.querySelectorAll("[data-slider-of]")) each.value = each.dataset.rest;
});

const KEYS = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-step]") || !KEYS[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  nudge(event.target, KEYS[event.key] * (event.shiftKey ? 10 : 1));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-nudge]");
  if (!button) return;
  const input = button.closest(".parameter-number").querySelector("[data-step]");
  nudge(input, Number(button.dataset.nudge));
});
