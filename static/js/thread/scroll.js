// Follows the end of the thread while the reader is there, and never otherwise.
(() => {
  const scroller = document.getElementById("scroller");
  const button = document.querySelector("[data-to-end]");
  const NEAR_PX = 40;
  // The address may name a message, which may be among those that come later.
  let wanted = location.hash.startsWith("#message-") ? location.hash.slice(1) : "";
  let follows = true;
  let last = { top: 0, height: 0 };

  const fromEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

  const toEnd = () => {
    scroller.scrollTop = scroller.scrollHeight;
    settle();
  };

  const settle = () => {
    last = { top: scroller.scrollTop, height: scroller.scrollHeight };
    button.hidden = follows || fromEnd() < NEAR_PX;
  };

  scroller.addEventListener(
    "scroll",
    () => {
      if (fromEnd() < NEAR_PX) follows = true;
      // Up, and not because the content above became shorter: that was the reader.
      else if (scroller.scrollTop < last.top - 1 && scroller.scrollHeight >= last.height) follows = false;
      settle();
    },
    { passive: true },
  );

  const goThere = () => {
    const message = wanted && follows && document.getElementById(wanted);
    if (!message) return;
    wanted = "";
    follows = false;
    message.scrollIntoView();
  };
  document.addEventListener("htmx:afterSettle", goThere);
  goThere();

  new ResizeObserver(() => (follows ? toEnd() : settle())).observe(scroller.firstElementChild);
  new ResizeObserver(() => follows && toEnd()).observe(scroller);

  button.addEventListener("click", () => {
    follows = true;
    toEnd();
    document.getElementById("prompt")?.focus({ preventScroll: true });
  });

  document.addEventListener("composer:sent", () => {
    wanted = "";
    follows = true;
    toEnd();
  });

  // The stored answer may be shorter than the streamed one (its reasoning folds): whoever reads
  // below the top of it keeps the lines under their eyes.
  // In passing, before whoever puts it there.
  const beforeSwap = (event) => {
    const { target } = event.detail;
    if (follows || !target.matches(".message")) return;
    const before = target.getBoundingClientRect();
    if (before.top >= scroller.getBoundingClientRect().top) return;
    const { id } = target;
    queueMicrotask(() => {
      const after = document.getElementById(id)?.getBoundingClientRect();
      if (after) scroller.scrollTop += after.bottom - before.bottom;
    });
  };
  document.addEventListener("htmx:oobBeforeSwap", beforeSwap, { capture: true });
})();
