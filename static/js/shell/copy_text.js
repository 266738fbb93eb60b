// Copy buttons: data-copy-from="<id>" copies the text of an element, data-copy-message its message as it was written.
(() => {
  const NOBODY = "00000000-0000-0000-0000-000000000000";
  const SHOWN_MS = 1600;

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

  const textFor = async (button) => {
    if (button.dataset.copyFrom) return document.getElementById(button.dataset.copyFrom).textContent;
    const message = button.closest(".message");
    // A prompt stands on the page as it was written; of an answer the server has the Markdown.
    const bubble = message.querySelector(".bubble");
    if (bubble) return bubble.textContent;
    const code = message.id.replace("message-", "");
    const shown = message.querySelector("[data-choice][aria-selected=true]");
    const which = shown ? `?answer=${shown.dataset.choice}` : "";
    const response = await fetch(message.parentElement.dataset.textUrl.replace(NOBODY, code) + which);
    if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
    return response.text();
  };

  const tell = (button, words) => {
    const label = button.querySelector("span") ?? button;
    button.dataset.label ??= label.textContent;
    label.textContent = words;
    button.dataset.copied = "";
    clearTimeout(Number(button.dataset.timer));
    button.dataset.timer = setTimeout(() => {
      label.textContent = button.dataset.label;
      delete button.dataset.copied;
    }, SHOWN_MS);
    document.dispatchEvent(new CustomEvent("announce", { detail: words }));
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy-from], [data-copy-message]");
    if (!button) return;
    const focused = document.activeElement;
    try {
      const text = await textFor(button);
      if (navigator.clipboard) await navigator.clipboard.writeText(text);
      else byHand(text);
      tell(button, "Copied");
    } catch {
      tell(button, "Not copied");
    }
    focused?.focus({ preventScroll: true });
  });
})();
