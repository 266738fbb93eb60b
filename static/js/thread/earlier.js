// Messages from further up come in above those that are there: what is read stays where it is.
(() => {
  const scroller = document.getElementById("scroller");
  let fromEnd = 0;
  let hadFocus = false;

  const isEarlier = (event) => event.detail.target?.id === "earlier";

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isEarlier(event)) return;
    fromEnd = scroller.scrollHeight - scroller.scrollTop;
    hadFocus = event.detail.target.contains(document.activeElement);
    // Of two that hold the place the second would move it; and no browser does so at the very top.
    scroller.style.overflowAnchor = "none";
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (!isEarlier(event)) return;
    scroller.scrollTop = scroller.scrollHeight - fromEnd;
    requestAnimationFrame(() => {
      scroller.style.overflowAnchor = "";
    });
    if (hadFocus && !document.getElementById("earlier")) scroller.focus({ preventScroll: true });
  });
})();
