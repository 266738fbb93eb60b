// Copying text, also where the clipboard API is missing.

const copyBySelection = (text) => {
  const area = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  area.className = "visually-hidden";
  // Nothing outside of an open dialog can be selected.
  (document.querySelector("dialog:modal") ?? document.body).append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  if (!isDone) throw new Error("The browser refused to copy.");
};

// The clipboard API exists only on https and on localhost.
export const copy = async (text) => {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copyBySelection(text);
};
