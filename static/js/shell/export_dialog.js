// The dialog of exporting. Any button with data-export="<address>" shows it for a conversation: in the header, in the menu of a row.
const dialog = document.getElementById("export-dialog");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-export]");
  if (!button) return;
  for (const link of dialog.querySelectorAll("[data-export-as]")) link.href = `${button.dataset.export}?as=${link.dataset.exportAs}`;
});

// The browser saves the file beside the page, so there is nothing left to do in the dialog.
dialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-export-as]")) dialog.close();
});
