// The help of a parameter is one line, and whole while the parameter is used, changed, or when a click opens it.
// A help that opens grows downward. One that was opened by a click stays open until the focus leaves the form, so that
// nothing moves under the pointer while it clicks through the parameters.
const FIELD = ".parameter, .parameter-part";
const OPEN = "is-explained";
let isByKeyboard = false;

const fieldsAround = (node) => {
  const found = [];
  for (let field = node.closest(FIELD); field; field = field.parentElement.closest(FIELD)) found.push(field);
  return found;
};

document.addEventListener("keydown", () => { isByKeyboard = true; }, true);
document.addEventListener("pointerdown", () => { isByKeyboard = false; }, true);

document.addEventListener("focusin", (event) => {
  const used = event.target.closest("[data-parameters]") ? fieldsAround(event.target) : [];
  if (isByKeyboard || !event.target.closest("[data-parameters]")) {
    for (const field of document.querySelectorAll(`.${OPEN}`)) if (!used.includes(field)) field.classList.remove(OPEN);
  }
  for (const field of used) field.classList.add(OPEN);
});

document.addEventListener("click", (event) => {
  const about = event.target.closest(".parameter-about");
  // A click may also end a selection of text.
  if (about && getSelection().isCollapsed) about.closest(FIELD).classList.toggle(OPEN);
});
