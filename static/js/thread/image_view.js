// An image of a message opens large in a dialog. With Ctrl, Shift or the middle button it opens in a tab, as any link.
const dialog = document.getElementById("image-view");
const image = dialog.querySelector("[data-image]");

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-image-view]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { alt } = link.querySelector("img");
  image.src = link.href;
  image.alt = alt;
  dialog.setAttribute("aria-label", `Image ${alt}`);
  dialog.querySelector("[data-image-name]").textContent = alt;
  dialog.querySelector("[data-image-about]").textContent = link.dataset.about;
  Object.assign(dialog.querySelector("[data-image-download]"), { href: link.href, download: alt });
  dialog.showModal();
});

// Otherwise the next image would show this one while it loads.
dialog.addEventListener("close", () => image.removeAttribute("src"));
