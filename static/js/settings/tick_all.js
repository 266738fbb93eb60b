// A checkbox that ticks all others of one name: data-tick-all="<name>". It also works after htmx replaced them.
const boxes = (all) => [...document.querySelectorAll(`input[type="checkbox"][name="${all.dataset.tickAll}"]`)];

document.addEventListener("change", (event) => {
  const { target } = event;
  if (target.matches("[data-tick-all]")) {
    for (const box of boxes(target)) box.checked = target.checked;
    return;
  }
  for (const all of document.querySelectorAll(`[data-tick-all="${CSS.escape(target.name ?? "")}"]`)) {
    const ticked = boxes(all).filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes(all).length;
    all.indeterminate = ticked > 0 && !all.checked;
  }
});
