// Renames a conversation in its row. Enter and leaving the box save the title, Escape does not.
import { refreshIfDue, shownCode } from "./conversation_list.js";

const ANY_CODE = "00000000-0000-0000-0000-000000000000";
const template = document.getElementById("row-rename");

// request(verb, path, values) sends the title.
export const renameRow = (code, request) => {
  const row = document.getElementById(`row-${code}`);
  if (!row) return;
  const title = row.querySelector(".row-title");
  const form = template.content.firstElementChild.cloneNode(true);
  const box = form.elements.title;
  const old = title.textContent;
  const button = row.parentElement.querySelector(".row-more");
  box.value = old;
  row.hidden = button.hidden = true;
  row.before(form);
  box.focus();
  box.select();

  let isOver = false;
  const close = () => {
    isOver = true;
    const hadFocus = form.contains(document.activeElement);
    form.remove();
    row.hidden = button.hidden = false;
    if (hadFocus) button.focus({ preventScroll: true });
  };
  const save = async () => {
    if (isOver) return;
    const text = box.value.trim();
    close();
    if (!text || text === old) return refreshIfDue();
    title.textContent = text;
    title.removeAttribute("title");
    const path = template.dataset.url.replace(ANY_CODE, code);
    await request("POST", path, { title: text, current: shownCode() });
    refreshIfDue();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  form.addEventListener("focusout", () => {
    if (!isOver) save();
  });
  form.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close();
    refreshIfDue();
  });
};
