// The threads of the page. A thread is an element with data-thread, the code of its conversation ("new" before the
// first prompt). The ids of its parts end in that code, so that a page can hold several threads.

export const threads = () => [...document.querySelectorAll("[data-thread]")];

// The columns of a comparison share the prompt of its composer: data-composer is the code that its ids end in.
const SHARED = new Set(["prompt", "attachments"]);

export const part = (root, name) =>
  document.getElementById(`${name}-${SHARED.has(name) && root.dataset.composer ? root.dataset.composer : root.dataset.thread}`);

// The thread around a node; the one with the focus for nodes outside every thread, such as dialogs; else the first, or the
// one of a shared composer.
export const threadOf = (node) =>
  node?.closest?.("[data-thread]") ?? document.activeElement?.closest("[data-thread]") ??
  document.querySelector("[data-thread][data-shared]") ?? document.querySelector("[data-thread]");
