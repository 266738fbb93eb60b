// Lists of short texts, written as tags one after the other. The last tag is empty.
import { parametersChanged } from "./form.js";

const tagsOf = (tag) => [...tag.parentElement.children].filter((each) => each.matches(".parameter-tag"));
const inputOf = (tag) => tag.querySelector("input");

// Text in the empty tag at the end makes it a tag with a cross, and another empty tag follows.
const grow = (input) => {
  const tag = input.closest(".parameter-tag.is-next");
  if (!tag || input.value === "") return;
  const next = tag.cloneNode(true);
  tag.classList.remove("is-next");
  const blank = inputOf(next);
  blank.value = "";
  blank.placeholder = "add…";
  input.placeholder = "";
  tag.after(next);
  labelRemove(tag);
};

const labelRemove = (tag) => {
  const { value } = inputOf(tag);
  tag.querySelector("[data-remove]").setAttribute("aria-label", value ? `Remove ${value}` : "Remove this entry");
};

const toEnd = (input) => {
  input.focus();
  input.setSelectionRange(input.value.length, input.value.length);
};

export const removeTag = (tag, back = false) => {
  const all = tagsOf(tag);
  const place = all.indexOf(tag);
  const next = back && place > 0 ? all[place - 1] : all[place + 1];
  const rows = tag.parentElement;
  toEnd(inputOf(next));
  tag.remove();
  parametersChanged(rows);
};

document.addEventListener("input", (event) => {
  const tag = event.target.closest?.("[data-parameters] .parameter-tag");
  if (!tag) return;
  grow(event.target);
  labelRemove(tag);
}, true);

// Each line of a pasted text becomes a tag.
document.addEventListener("paste", (event) => {
  const tag = event.target.closest?.("[data-parameters] .parameter-tag.is-next");
  const lines = event.clipboardData?.getData("text").split(/\r?\n/).filter(Boolean) ?? [];
  if (!tag || lines.length < 2) return;
  event.preventDefault();
  const rows = tag.parentElement;
  for (const line of lines) {
    const input = rows.querySelector(".is-next input");
    input.value = line;
    grow(input);
  }
  rows.querySelector(".is-next input").focus();
  parametersChanged(rows);
});

document.addEventListener("focusout", (event) => {
  const tag = event.target.closest?.("[data-parameters] .parameter-tag:not(.is-next)");
  if (tag && event.target.matches("input") && event.target.value === "" && !tag.contains(event.relatedTarget)) {
    tag.remove();
  }
});

document.addEventListener("parameters:reset", (event) => {
  for (const tag of event.target.querySelectorAll(".parameter-tag:not(.is-next)")) tag.remove();
  for (const input of event.target.querySelectorAll(".is-next input")) input.placeholder = "not sent";
});

const onKey = (event, tag) => {
  const input = event.target;
  const all = tagsOf(tag);
  const place = all.indexOf(tag);
  const atStart = input.selectionStart === 0 && input.selectionEnd === 0;
  const atEnd = input.selectionStart === input.value.length;
  if (event.key === "Backspace" && input.value === "") {
    event.preventDefault();
    if (!tag.matches(".is-next")) removeTag(tag, true);
    else if (place > 0) toEnd(inputOf(all[place - 1]));
  } else if (event.key === "ArrowLeft" && atStart && place > 0) {
    event.preventDefault();
    toEnd(inputOf(all[place - 1]));
  } else if (event.key === "ArrowRight" && atEnd && place < all.length - 1) {
    event.preventDefault();
    inputOf(all[place + 1]).focus();
    inputOf(all[place + 1]).setSelectionRange(0, 0);
  }
};

document.addEventListener("keydown", (event) => {
  const tag = event.target.closest?.("[data-parameters] .parameter-tag");
  if (!tag || !event.target.matches("input") || event.isComposing) return;
  if (event.key !== "Enter") onKey(event, tag);
  else if (!tag.matches(".is-next")) inputOf(tag.parentElement.querySelector(".is-next")).focus();
});
