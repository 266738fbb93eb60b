// The forms of code as tabs: data-code-forms. A click or the arrow keys show another one, which the next request is shown in too.
import { announce } from "../shell/announcer.js";
import { read, write } from "../shell/storage.js";

const CHOSEN = "code-form";

const show = (tab) => {
  const forms = tab.closest("[data-code-forms]");
  for (const other of forms.querySelectorAll("[data-code-form]")) {
    const isShown = other === tab;
    other.setAttribute("aria-selected", String(isShown));
    other.tabIndex = isShown ? 0 : -1;
    forms.querySelector(`#${other.getAttribute("aria-controls")}`).hidden = !isShown;
  }
  // The tabs of a phone are wider than it.
  tab.scrollIntoView({ block: "nearest", inline: "nearest" });
};

const choose = (tab) => {
  show(tab);
  write(CHOSEN, tab.dataset.codeForm);
};

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-code-form]");
  if (tab) choose(tab);
  const button = event.target.closest("[data-save-from]");
  if (button) save(document.getElementById(button.dataset.saveFrom).textContent, button.dataset.fileName);
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[data-code-form]");
  if (!tab) return;
  const tabs = [...tab.parentElement.querySelectorAll("[data-code-form]")];
  const place = tabs.indexOf(tab);
  const goal = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (goal === undefined) return;
  event.preventDefault();
  const next = tabs.at(goal % tabs.length);
  choose(next);
  next.focus();
});

const save = (text, name) => {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  // The browser has taken the address by the time of the next task.
  setTimeout(() => URL.revokeObjectURL(url));
  announce(`${name} saved`);
};

document.addEventListener("htmx:afterSwap", ({ target }) => {
  const chosen = read(CHOSEN);
  for (const forms of target.querySelectorAll("[data-code-forms]")) {
    const tab = chosen && forms.querySelector(`[data-code-form="${CSS.escape(chosen)}"]`);
    if (tab) show(tab);
  }
});
