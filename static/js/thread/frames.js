// Applies frames to the page, and knows what the page has: the last message, and a cursor for each run.
(() => {
  const thread = document.getElementById("thread");
  if (!thread) return;

  let cursors = {};
  let waiting = [];
  let scheduled = 0;
  // Live answers whose text is in step with their cursor.
  const joined = new WeakSet();

  const liveAnswers = () => thread.querySelectorAll("[data-run]");

  const apply = ({ frame, acknowledge }) => {
    const html = hasStrays(frame.html) ? withoutStrays(frame.html) : frame.html;
    htmx.swap(document.body, html, { swapStyle: "none", ignoreTitle: true });
    join();
    cursors = frame.cursors;
    if (frame.ack) acknowledge();
  };

  // A run goes on while the page shows another branch: what belongs to it has no place here.
  const TARGETS = /hx-swap-oob="\w+:(#[\w-]+)/g;
  const hasStrays = (html) => [...html.matchAll(TARGETS)].some(([, selector]) => !document.querySelector(selector));

  const withoutStrays = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    for (const part of [...template.content.children]) {
      const [, selector] = (part.getAttribute("hx-swap-oob") ?? "").split(":");
      if (selector && !document.querySelector(selector)) part.remove();
    }
    return template.innerHTML;
  };

  // An answer that left the page and came back is empty, while its cursor says that it was sent:
  // only a fresh start makes it whole.
  const join = () => {
    let isBehind = false;
    for (const answer of liveAnswers()) {
      if (joined.has(answer)) continue;
      joined.add(answer);
      if (cursors[answer.dataset.run]) isBehind = true;
      delete cursors[answer.dataset.run];
    }
    if (isBehind) document.dispatchEvent(new CustomEvent("live:restart"));
  };

  const applyAll = () => {
    scheduled = 0;
    const frames = waiting;
    waiting = [];
    for (const frame of frames) apply(frame);
    document.dispatchEvent(new CustomEvent("live:applied"));
  };

  document.addEventListener("live:frame", (event) => {
    waiting.push(event.detail);
    if (scheduled) return;
    // A hidden page paints nothing, and so has no animation frames; it still has to acknowledge.
    scheduled = document.hidden ? setTimeout(applyAll) : requestAnimationFrame(applyAll);
  });

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden || !scheduled) return;
    cancelAnimationFrame(scheduled);
    scheduled = setTimeout(applyAll);
  });

  // Frames of a socket that is gone would move the page ahead of what the next hello says.
  document.addEventListener("live:cut", () => {
    waiting = [];
  });

  document.addEventListener("live:hello", (event) => {
    const hello = event.detail;
    hello.head = thread.lastElementChild?.id.replace("message-", "") ?? "";
    for (const { dataset } of liveAnswers()) hello.cursors[dataset.run] = cursors[dataset.run] ?? "";
    cursors = { ...hello.cursors };
  });

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { fragment, target } = event.detail;
    if (fragment instanceof Element && fragment.hasAttribute("data-append")) {
      // The same turn comes twice to whoever sent it: with the response and through the socket.
      for (const turn of fragment.querySelectorAll("[data-once]")) {
        if (document.getElementById(turn.dataset.once)) turn.remove();
      }
    } else if (target.matches(".message")) {
      // Reasoning that the reader opened or closed stays as it is when the stored answer takes over.
      const folded = target.querySelector(".reasoning[data-touched]");
      const fresh = fragment.querySelector(".reasoning");
      if (folded && fresh) fresh.open = folded.open;
    }
  });

  // The socket may have replaced the button before its own response came; htmx would then look for
  // targets in what has left the page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { shouldSwap, serverResponse, requestConfig } = event.detail;
    const composer = document.getElementById("composer");
    if (!shouldSwap || requestConfig.verb === "get" || document.contains(requestConfig.elt) || !composer) return;
    event.detail.shouldSwap = false;
    htmx.swap(composer, serverResponse, { swapStyle: "outerHTML", ignoreTitle: true });
  });

  thread.addEventListener("click", (event) => {
    const summary = event.target.closest(".reasoning > summary");
    if (!summary) return;
    const reasoning = summary.parentElement;
    // Folded by the answer's first word, it is still open as far as the element knows.
    if (reasoning.open && !reasoning.querySelector(".reasoning-text").checkVisibility()) event.preventDefault();
    reasoning.dataset.touched = "";
  });

  new MutationObserver(() => {
    join();
    document.getElementById("welcome")?.remove();
  }).observe(thread, { childList: true });
  join();
})();
