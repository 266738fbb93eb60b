// From what the composer says of a wrong parameter to its field, wherever that is folded away.
(() => {
  const CONTROL = "input:not([type=hidden], [type=range], [data-state]), select, textarea";
  const place = (button) => document.getElementById(`${button.dataset.showParameter}--error`);

  const isShown = (control) => control.checkVisibility() && (control.type !== "radio" || control.checked);

  const uncover = (parameter) => {
    document.dispatchEvent(new CustomEvent("pane:open", { detail: "panel" }));
    const find = parameter.closest("[data-parameters]").querySelector("[data-find]");
    if (find && parameter.closest("[data-parameter][hidden]")) {
      find.value = "";
      find.dispatchEvent(new Event("input", { bubbles: true }));
    }
    parameter.closest("[data-group]").open = true;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show-parameter]");
    const parameter = button && place(button)?.closest(".parameter, .parameter-part");
    if (!parameter) return;
    uncover(parameter);
    const control = [...parameter.querySelectorAll(CONTROL)].find(isShown);
    parameter.scrollIntoView({ block: "center" });
    control?.focus({ preventScroll: true });
  });

  // What was put right is no longer complained of.
  document.addEventListener("parameters:renewed", () => {
    for (const button of document.querySelectorAll("[data-show-parameter]")) {
      if (!place(button)?.textContent) button.closest(".notice").remove();
    }
  });
})();
