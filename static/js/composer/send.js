// Sending a prompt: Enter, once per prompt, and no text is lost when the server cannot be reached. While an answer is
// written, the server queues the prompt.
import { isFirst } from "../shell/conversation_list.js";
import { isLive } from "../thread/live.js";
import { part } from "../thread/roots.js";
import { prefillOf } from "./prefill.js";
import { isEmpty, showWhetherEmpty } from "./prompt.js";

const hasTouchKeyboard = matchMedia("(pointer: coarse)");

const showFailure = (root, kind) => {
  for (const notice of root.querySelectorAll("[data-send-failure]")) notice.hidden = notice.dataset.sendFailure !== kind;
};

const hideFailure = (root, kind) => {
  for (const notice of root.querySelectorAll(`[data-send-failure="${kind}"]`)) notice.hidden = true;
};

// A response that was made before the answer ended may bring the Stop button back after the end.
const removeStaleStop = (root) => {
  const stop = root.querySelector("[data-stop]");
  const run = stop?.dataset.stop;
  if (!run || root.querySelector(`[data-run="${run}"]`) || !root.querySelector(`[data-answer="${run}"]`)) return;
  stop.remove();
};

const sendOnEnter = (root) => {
  root.addEventListener("enter:sends", (event) => {
    if (event.target !== part(root, "prompt")) return;
    part(root, "composer").requestSubmit();
  });
};

const sendOnce = (root) => {
  let sent = null;
  const isComposer = (element) => element === part(root, "composer");

  root.addEventListener("htmx:confirm", (event) => {
    if (!isComposer(event.target)) return;
    if (!isEmpty(root)) return;
    event.preventDefault();
    showFailure(root, "empty");
    part(root, "prompt").focus();
  });
  root.addEventListener("input", (event) => {
    if (event.target === part(root, "prompt")) hideFailure(root, "empty");
  });
  root.addEventListener("attachments:changed", () => hideFailure(root, "empty"));
  root.addEventListener("htmx:beforeRequest", (event) => {
    if (!isComposer(event.detail.elt)) return;
    const box = part(root, "prompt");
    const prefill = prefillOf(root);
    const isQueued = Boolean(root.querySelector("[data-stop]"));
    sent = { name: box.dataset.draft, text: box.value, prefill: prefill && !prefill.disabled ? prefill.value : null, isQueued };
    showFailure(root, null);
  });
  // Before anything is swapped: the composer that comes back must not find the draft of the sent prompt.
  root.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr, requestConfig } = event.detail;
    if (!isComposer(elt) || !sent || xhr.status >= 300) return;
    // After signing out, the request is redirected to the sign-in page.
    if (new URL(xhr.responseURL).pathname !== new URL(requestConfig.path, location.href).pathname) return;
    root.dispatchEvent(new CustomEvent("composer:sent", { detail: sent }));
  });
  root.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (!elt.matches(".composer, [data-fresh-key], .edit")) return;
    if (xhr.status === 0) showFailure(root, "network");
    else if (xhr.status === 403) showFailure(root, "refused");
    else if (xhr.status === 507) showFailure(root, "full");
    else if (xhr.status >= 400 && xhr.status !== 422) showFailure(root, "server");
  });
};

// The socket brings the turn, so the response need not. The list changes only if the conversation moves.
const sayWhatIsBrought = (root) => {
  root.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.elt !== part(root, "composer") || !isLive(root)) return;
    detail.headers["X-Live"] = isFirst(root.dataset.thread) ? "first" : "open";
    detail.toldLiveAt = performance.now();
  });
};

// The button goes away with the answer, and the focus with it. A touch keyboard would cover the answer.
const returnFromStop = (root) => {
  root.addEventListener("click", (event) => {
    if (event.target.closest("[data-stop]") && !hasTouchKeyboard.matches) part(root, "prompt")?.focus();
  });
};

export const startSending = (root) => {
  sendOnEnter(root);
  returnFromStop(root);
  sendOnce(root);
  sayWhatIsBrought(root);
  // The button may have been replaced, by a frame or by a response to a request from anywhere on the page.
  const renewed = () => {
    removeStaleStop(root);
    showWhetherEmpty(root);
  };
  document.addEventListener("htmx:afterSettle", renewed);
  root.addEventListener("live:applied", renewed);
};
