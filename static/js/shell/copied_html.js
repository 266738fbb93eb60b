// HTML of an answer for the clipboard: its headings, lists, tables, links, code and formulas, and nothing of this page.
// The server has sanitised it, and only attributes that mean something elsewhere stay.
const KEPT = new Set(["href", "start", "colspan", "rowspan", "display", "dir"]);
const CONTROLS = "figcaption, button, script, style";

export const copiedHtml = (message) => {
  const parts = [...message.querySelectorAll(".answer > .markdown")].filter((part) => !part.closest("[hidden]"));
  const copied = document.createElement("div");
  for (const part of parts) copied.append(...part.cloneNode(true).childNodes);
  for (const control of copied.querySelectorAll(CONTROLS)) control.remove();
  for (const task of copied.querySelectorAll(".task")) task.textContent = task.matches(".is-done") ? "☑" : "☐";
  for (const element of copied.querySelectorAll("*")) {
    for (const { name } of [...element.attributes]) if (!KEPT.has(name)) element.removeAttribute(name);
  }
  return copied.innerHTML;
};
