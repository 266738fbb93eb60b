// The copy button of a code block: data-copy-code. One listener for all, those to come included.
(() => {
  const SHOWN_MS = 1600;
  const timers = new WeakMap();

  const byHand = (text) => {
    // The clipboard API is only there on https and on this machine.
    const area = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("copying is not allowed here");
  };

  const tell = (button, words) => {
    button.textContent = words;
    clearTimeout(timers.get(button));
    timers.set(button, setTimeout(() => { button.textContent = "Copy"; }, SHOWN_MS));
    document.dispatchEvent(new CustomEvent("announce", { detail: words === "Copied" ? "Code copied" : words }));
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy-code]");
    const code = button?.closest("figure")?.querySelector("pre > code");
    if (!code) return;
    const text = code.textContent.replace(/\n$/, "");
    try {
      if (navigator.clipboard) await navigator.clipboard.writeText(text);
      else byHand(text);
      tell(button, "Copied");
    } catch {
      tell(button, "Not copied");
    }
    button.focus({ preventScroll: true });
  });
})();
