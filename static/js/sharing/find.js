// The field that finds people and groups to share with: a combobox, as https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ describes it.
const dialog = document.getElementById("share-dialog");

const field = () => document.getElementById("share-find");
const popup = () => document.getElementById("share-found");
const options = () => [...popup().querySelectorAll("[role=option]")];
const active = () => popup().querySelector("[role=option][aria-selected=true]");
// Whether Enter waits for what fits the words in the field.
let isAwaited = false;

const activate = (option) => {
  active()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field().setAttribute("aria-activedescendant", option.id);
  else field().removeAttribute("aria-activedescendant");
};

const show = () => {
  popup().hidden = false;
  field().setAttribute("aria-expanded", String(options().length > 0));
};

const hide = () => {
  isAwaited = false;
  activate(null);
  popup().hidden = true;
  field().setAttribute("aria-expanded", "false");
};

const choose = (option) => {
  const { field: name, value } = option.dataset;
  const form = dialog.querySelector(`[data-share-add="${name}"]`);
  form.elements[name].value = value;
  field().value = "";
  hide();
  form.requestSubmit();
};

const isFresh = () => document.getElementById("share-options").dataset.words === field().value;

const walk = (step) => {
  const all = options();
  const at = all.indexOf(active());
  show();
  if (at < 0) activate(all[step > 0 ? 0 : all.length - 1]);
  else activate(all[(at + step + all.length) % all.length]);
};

const KEYS = {
  ArrowDown: () => walk(1),
  ArrowUp: () => walk(-1),
  Enter: () => {
    const option = active();
    if (isFresh() && option) choose(option);
    else isAwaited = Boolean(field().value.trim()) && !isFresh();
  },
};

dialog.addEventListener("keydown", (event) => {
  if (event.target !== field() || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && !popup().hidden) {
    // The first Escape closes the list, the next one the dialog.
    event.preventDefault();
    hide();
  } else if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

dialog.addEventListener("input", (event) => {
  if (event.target === field()) isAwaited = false;
});

// A press on an option must not take the focus from the field first, which would close the list.
dialog.addEventListener("mousedown", (event) => {
  if (event.target.closest("#share-found")) event.preventDefault();
});
dialog.addEventListener("click", (event) => {
  const option = event.target.closest("#share-options [role=option]");
  if (option) choose(option);
  else if (event.target === field()) show();
});
dialog.addEventListener("focusout", (event) => {
  if (event.target === field() && !popup().hidden) hide();
});

dialog.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== popup() || document.activeElement !== field() || !isFresh()) return;
  show();
  if (field().value.trim()) activate(options()[0]);
  if (isAwaited && active()) choose(active());
  isAwaited = false;
});
