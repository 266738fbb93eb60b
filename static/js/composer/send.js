// Sending: Enter, once per prompt, with nothing lost when the way to the server is.
(() => {
  const composer = () => document.getElementById("composer");
  const prompt = () => document.getElementById("prompt");
  const stopButton = () => document.querySelector("[data-stop]:not([hidden])");
  const announce = (words) => document.dispatchEvent(new CustomEvent("announce", { detail: words }));
  const hasTouchKeyboard = matchMedia("(pointer: coarse)");
  // Something attached says enough.
  const isEmpty = () => !prompt().value.trim() && !composer().querySelector("[data-attachment]");
  const isSized = CSS.supports("field-sizing", "content");

  let sent = null;

  const freshKey = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    // randomUUID is only there on https and on this machine.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
  };

  const size = () => {
    const box = prompt();
    if (isSized || !box) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  };

  // Not disabled: that would take the focus from it, and hide it from whoever looks for it with a reader.
  const showWhetherEmpty = () => {
    const send = composer()?.querySelector(".send");
    const isMuted = send && String(isEmpty());
    if (send && send.getAttribute("aria-disabled") !== isMuted) send.setAttribute("aria-disabled", isMuted);
  };

  const showFailure = (kind) => {
    for (const words of document.querySelectorAll("[data-send-failure]")) words.hidden = words.dataset.sendFailure !== kind;
  };

  document.addEventListener("enter:sends", (event) => {
    if (event.target !== prompt()) return;
    if (stopButton()) announce("An answer is being written. Escape stops it.");
    else if (!isEmpty()) composer().requestSubmit();
  });

  document.addEventListener("input", (event) => {
    if (event.target !== prompt()) return;
    size();
    showWhetherEmpty();
  });
  document.addEventListener("draft:restored", () => {
    size();
    showWhetherEmpty();
  });
  document.addEventListener("attachments:changed", showWhetherEmpty);

  document.addEventListener("click", (event) => {
    const suggestion = event.target.closest("[data-suggestion]");
    if (suggestion) {
      prompt().value = suggestion.dataset.suggestion;
      prompt().dispatchEvent(new Event("input", { bubbles: true }));
      prompt().focus();
    }
    // All of the box is the place to write.
    if (event.target.matches(".composer-box, .composer-foot")) prompt()?.focus();
  });

  // Something was chosen that goes with the prompt, and the prompt is what comes next.
  document.addEventListener("composer:write", () => {
    if (!hasTouchKeyboard.matches) prompt()?.focus({ preventScroll: true });
  });

  document.addEventListener("htmx:confirm", (event) => {
    if (event.target !== composer()) return;
    if (isEmpty() || stopButton()) event.preventDefault();
    if (isEmpty()) prompt().focus();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt !== composer()) return;
    sent = { name: prompt().dataset.draft, text: prompt().value };
    showFailure(null);
  });

  // Before anything is swapped: the composer that comes back finds no draft of what has been sent.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr, requestConfig } = event.detail;
    if (elt !== composer() || !sent || xhr.status >= 300) return;
    // Signed out, the request was redirected to the sign-in page.
    if (new URL(xhr.responseURL).pathname !== new URL(requestConfig.path, location.href).pathname) return;
    document.dispatchEvent(new CustomEvent("composer:sent", { detail: sent }));
  });

  // The key stays as it was: the same prompt sent again is the same send.
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (!elt.matches("#composer, [data-fresh-key], .edit")) return;
    if (xhr.status === 0) showFailure("network");
    else if (xhr.status === 403) showFailure("refused");
    else if (xhr.status >= 400 && xhr.status !== 422) showFailure("server");
  });

  // A page from the browser's cache would send its next prompt under the key of the last.
  window.addEventListener("pageshow", (event) => {
    const key = document.querySelector("#composer [name=idempotency_key]");
    if (event.persisted && key) key.value = freshKey();
  });

  // Edit and "Answer again" make their key when they are used, and keep it until it has worked.
  const keys = new WeakMap();
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters } = event.detail;
    if (!elt.matches("[data-fresh-key]") && !elt.querySelector("[data-fresh-key]")) return;
    if (!keys.has(elt)) keys.set(elt, freshKey());
    parameters.idempotency_key = keys.get(elt);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (xhr.status !== 0) keys.delete(elt);
  });

  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt.id !== "composer") return;
    size();
    showWhetherEmpty();
    // What was clicked, at an answer or in the composer itself, has gone with the swap.
    if (document.activeElement === document.body && !hasTouchKeyboard.matches) prompt()?.focus({ preventScroll: true });
  });

  // A response that was made before the answer ended may bring Stop back after it did.
  const dropStaleStop = () => {
    const stop = document.querySelector("[data-stop]");
    const run = stop?.dataset.stop;
    if (!run || document.querySelector(`[data-run="${run}"]`) || !document.querySelector(`[data-answer="${run}"]`)) return;
    const { parentElement } = stop;
    stop.remove();
    parentElement.querySelector(".send").hidden = false;
  };
  for (const name of ["htmx:afterSettle", "live:applied"]) {
    document.addEventListener(name, () => {
      dropStaleStop();
      // The button may have been put in anew.
      showWhetherEmpty();
    });
  }

  size();
  showWhetherEmpty();
  // Not on a phone, where focus would raise the keyboard over what is to be read.
  if (!hasTouchKeyboard.matches && document.activeElement === document.body) prompt()?.focus({ preventScroll: true });
})();
