// <details data-person-choice>: a searched list of people, of which one is chosen. The summary names the chosen one.
const choiceOf = (node) => node.closest?.("[data-person-choice]");

const close = (choice) => {
  choice.open = false;
  choice.querySelector("summary").focus();
};

const name = (choice, radio) => {
  choice.querySelector("[data-chosen]").textContent = radio.closest("label").querySelector("[data-name]").textContent;
};

document.addEventListener("change", ({ target }) => {
  const choice = choiceOf(target);
  if (choice && target.type === "radio") name(choice, target);
});

// Arrow keys choose too, and are clicks without a count: they must not close the list.
document.addEventListener("click", (event) => {
  const choice = choiceOf(event.target);
  if (choice && event.detail > 0 && event.target.closest("label")) close(choice);
});

// Take the first person found, once the list is that of the words in the field.
const takeFirst = (choice) => {
  const { value } = choice.querySelector('[type="search"]');
  const isThere = choice.querySelector("[data-words]").dataset.words === value;
  choice.toggleAttribute("data-waits", !isThere);
  if (!isThere) return;
  if (value.trim()) choice.querySelector('[type="radio"]')?.click();
  close(choice);
};

// Enter never sends the form.
document.addEventListener("keydown", (event) => {
  const choice = choiceOf(event.target);
  if (!choice || event.key !== "Enter" || event.target.matches("summary")) return;
  event.preventDefault();
  if (event.target.type === "search") takeFirst(choice);
  else close(choice);
});

document.addEventListener("htmx:afterSwap", () => {
  const choice = document.querySelector("[data-person-choice][data-waits]");
  if (choice) takeFirst(choice);
});

document.addEventListener(
  "toggle",
  ({ target }) => {
    // On a phone the keyboard would cover the list.
    if (target.matches?.("[data-person-choice][open]") && matchMedia("(pointer: fine)").matches) {
      target.querySelector('[type="search"]').focus();
    }
  },
  true,
);
