// Copying text, and the same as HTML for word processors, also where the clipboard API is missing.

const copyBySelection = (text, html) => {
  const area = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  area.className = "visually-hidden";
  // Nothing outside of an open dialog can be selected.
  (document.querySelector("dialog:modal") ?? document.body).append(area);
  area.select();
  const fill = (event) => {
    event.preventDefault();
    event.clipboardData.setData("text/plain", text);
    if (html) event.clipboardData.setData("text/html", html);
  };
  document.addEventListener("copy", fill, { once: true });
  const isDone = document.execCommand("copy");
  document.removeEventListener("copy", fill);
  area.remove();
  if (!isDone) throw new Error("The browser refused to copy.");
};

const blob = (type, text) => new Blob([text], { type });

const write = async (text, html) => {
  if (!html) return navigator.clipboard.writeText(text);
  const types = { "text/plain": blob("text/plain", text), "text/html": blob("text/html", html) };
  return navigator.clipboard.write([new ClipboardItem(types)]);
};

// The clipboard API exists only on https and on localhost, and ClipboardItem not in every browser.
export const copy = async (text, html = "") => {
  if (navigator.clipboard && (!html || window.ClipboardItem)) await write(text, html);
  else copyBySelection(text, html);
};
