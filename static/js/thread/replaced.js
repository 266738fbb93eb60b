// A frame may replace a button while its request is on the way, such as one of the queued prompts. htmx looks for the parts that
// an answer swaps out of band only in the tree of that button, which is no longer in the page: nothing would change.
const CHANGES_BY_HEADER = /^hx-/im;

const applyAnswer = (event) => {
  const { elt, xhr } = event.detail;
  if (elt.isConnected || xhr.status < 200 || xhr.status >= 300 || CHANGES_BY_HEADER.test(xhr.getAllResponseHeaders())) return;
  event.preventDefault();
  htmx.swap(document.body, xhr.responseText, { swapStyle: "none", ignoreTitle: true });
};

document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  // The events of an element outside of the page come to itself alone.
  if (elt.getAttribute("hx-swap") === "none") elt.addEventListener("htmx:beforeOnLoad", applyAnswer, { once: true });
});
