// Large parts of the form are fetched when they are wanted: most never are.
(() => {
  const fetchPart = async (name, place, swap) => {
    const form = place.closest("[data-parameters]");
    const endpoint = form.querySelector("[name=endpoint]").value;
    place.setAttribute("aria-busy", "true");
    try {
      await htmx.ajax("POST", form.getAttribute("hx-post"), { source: place, target: place, swap, values: { part: name, endpoint } });
    } finally {
      place.removeAttribute("aria-busy");
    }
  };

  // What an alternative consists of, now that it was chosen.
  document.addEventListener("parameters:opened", async (event) => {
    const branch = event.target;
    if (!branch.dataset.part || branch.hasAttribute("aria-busy")) return;
    await fetchPart(branch.dataset.part, branch, "innerHTML");
    if (!branch.childElementCount) return;
    delete branch.dataset.part;
    branch.dispatchEvent(new CustomEvent("parameters:touched", { bubbles: true }));
  });

  // One more entry of a list, before the button that asks for it.
  document.addEventListener("parameters:wanted", async (event) => {
    const button = event.target;
    if (button.hasAttribute("aria-busy")) return;
    await fetchPart(event.detail.name, button, "beforebegin");
    event.detail.done();
  });
})();
