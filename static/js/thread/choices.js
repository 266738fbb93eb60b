// Several answers to one prompt as tabs. A click or the arrow keys show another one.
const show = (tab) => {
  for (const other of tab.closest("[role=tablist]").querySelectorAll("[role=tab]")) {
    const isShown = other === tab;
    other.setAttribute("aria-selected", String(isShown));
    other.tabIndex = isShown ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !isShown;
  }
};

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-choice]");
  if (tab) show(tab);
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[data-choice]");
  if (!tab) return;
  const tabs = [...tab.parentElement.children];
  const place = tabs.indexOf(tab);
  const goal = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (goal === undefined) return;
  event.preventDefault();
  const next = tabs.at(goal % tabs.length);
  show(next);
  next.focus();
});
