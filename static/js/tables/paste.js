// Cells of a spreadsheet that are pasted into the row of the next case become cases of their own. Control and Enter add
// the case that is typed.
document.addEventListener("paste", (event) => {
  const field = event.target.closest?.("[data-case-value]");
  const form = document.querySelector("[data-paste-form]");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  // Only cells have tabs between them.
  if (!field || !form || !text.includes("\t")) return;
  event.preventDefault();
  form.elements.text.value = text;
  form.submit();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest?.("[data-case-value]")?.form;
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});
