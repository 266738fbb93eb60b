// What became of the values when the model or its schema changed: seen, heard, and dismissed.
(() => {
  const place = document.getElementById("parameters");

  // It comes with a form that was just put in the place of another, wherever that was scrolled to.
  new MutationObserver(() => {
    const notice = place.querySelector("[data-notice]");
    if (!notice) return;
    notice.closest("[data-parameters]").scrollIntoView({ block: "start" });
    document.dispatchEvent(new CustomEvent("announce", { detail: notice.querySelector("p").textContent }));
  }).observe(place, { childList: true });

  // The notice goes; whoever dismissed it is at the top of what it was about.
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-dismiss]")?.closest("[data-parameters]");
    (form?.querySelector("[data-find]") ?? form?.querySelector("[data-parameter] :is(input, select, textarea)"))?.focus();
  });
})();
