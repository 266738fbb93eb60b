// An answer in JSON as text or as a tree. The tree is fetched when it is first wanted.
const show = async (button) => {
  const check = button.closest(".check");
  const isTree = button.dataset.jsonView === "tree";
  for (const other of check.querySelectorAll("[data-json-view]")) other.setAttribute("aria-pressed", String(other === button));
  const tree = check.querySelector("[data-json-tree]");
  tree.hidden = !isTree;
  const text = check.previousElementSibling;
  if (text?.matches(".answer")) text.hidden = isTree;
  if (isTree && !tree.childElementCount) {
    await htmx.ajax("GET", tree.dataset.jsonTree, { source: tree, target: tree, swap: "innerHTML" });
  }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-json-view]");
  if (button) show(button);
});
