// A message at the top of the page is about an earlier request. Once a list answers a change itself, the message is out of date.
// It keeps its room, so that no row moves away under the pointer.
document.addEventListener("htmx:afterSwap", () => {
  if (document.querySelector(".found-said:not(:empty)")) {
    document.querySelector(".settings-column > .messages")?.classList.add("is-past");
  }
});
