// Says in words what the eye sees: an answer started, finished, stopped. Never its tokens.
(() => {
  const place = document.getElementById("announcer");
  const ENDS = { finished: "The answer is finished.", stopped: "The answer was stopped.", failed: "The answer failed.", interrupted: "The answer was interrupted." };

  const say = (words) => {
    // The same words twice are only spoken twice if the text was gone in between.
    place.textContent = "";
    setTimeout(() => {
      place.textContent = words;
    }, 50);
  };
  document.addEventListener("announce", (event) => say(event.detail));

  const thread = document.getElementById("thread");
  if (!thread) return;
  const runs = () => new Set(Array.from(thread.querySelectorAll("[data-run]"), (answer) => answer.dataset.run));
  let live = runs();
  const look = () => {
    const now = runs();
    for (const run of live) {
      const end = ENDS[thread.querySelector(`[data-answer="${run}"]`)?.dataset.status];
      if (!now.has(run) && end) say(end);
    }
    if ([...now].some((run) => !live.has(run))) say("An answer is being written.");
    live = now;
  };
  new MutationObserver(look).observe(thread, { childList: true });
  // An answer ends where it stands. Two observers: one of both would wake for every word.
  new MutationObserver(look).observe(thread, { subtree: true, attributeFilter: ["data-status"] });
})();
