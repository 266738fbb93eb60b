// Shows the whole text under the pointer where there is room for its beginning only.
document.addEventListener("pointerover", (event) => {
  const text = event.target.closest?.(".truncate");
  // A title that the template has given says something else.
  if (!text || (text.title && !("whole" in text.dataset))) return;
  text.dataset.whole = "";
  text.title = text.scrollWidth > text.clientWidth ? text.textContent.trim() : "";
});
