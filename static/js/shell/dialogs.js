// Buttons that open and close a <dialog>: data-opens="<id>", and data-closes inside the dialog.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  // A dialog gives the focus back to the element that had it. An item of a menu is hidden by then, its summary is not.
  opener?.closest(".menu")?.querySelector("summary").focus();
  const closer = event.target.closest("[data-closes]");
  // Closing comes first, so that a dialog that follows gives the focus back to an element that is still there.
  if (closer) closer.closest("dialog")?.close();
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  // A click on the backdrop reaches the dialog itself.
  if (event.target instanceof HTMLDialogElement && isOutside(event.target, event)) event.target.close();
});

const isOutside = (dialog, event) => {
  const box = dialog.getBoundingClientRect();
  const inside =
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  // A click made by the keyboard has no coordinates.
  return !inside && event.detail > 0;
};
