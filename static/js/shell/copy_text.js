// Copy buttons. data-copy-from="<id>" copies the text of that element. data-copy-message copies its message as it is read,
// and data-copy-markdown as it was written.
import { announce } from "./announcer.js";
import { copy } from "./clipboard.js";
import { copiedHtml } from "./copied_html.js";

const ANY_CODE = "00000000-0000-0000-0000-000000000000";
const SHOWN_MS = 1600;

const textFor = async (button) => {
  if (button.dataset.copyFrom) return document.getElementById(button.dataset.copyFrom).textContent;
  const message = button.closest(".message");
  // A prompt is on the page as it was written. The text of an answer is on the server only.
  const bubble = message.querySelector(".bubble");
  if (bubble) return bubble.textContent;
  const code = message.id.replace("message-", "");
  const tab = message.querySelector("[data-choice][aria-selected=true]");
  const query = new URLSearchParams();
  if (tab) query.set("answer", tab.dataset.choice);
  if (!("copyMarkdown" in button.dataset)) query.set("as", "plain");
  const response = await fetch(`${message.parentElement.dataset.textUrl.replace(ANY_CODE, code)}?${query}`);
  if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
  return response.text();
};

const htmlFor = (button) => ("copyMessage" in button.dataset ? copiedHtml(button.closest(".message")) : "");

const showResult = (button, words) => {
  const label = button.querySelector("span") ?? button;
  button.dataset.label ??= label.textContent;
  // The buttons beside it stay where they are.
  button.style.minWidth = `${button.offsetWidth}px`;
  label.textContent = words;
  button.dataset.copied = "";
  clearTimeout(Number(button.dataset.timer));
  button.dataset.timer = setTimeout(() => {
    label.textContent = button.dataset.label;
    delete button.dataset.copied;
  }, SHOWN_MS);
  announce(words);
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-from], [data-copy-message], [data-copy-markdown]");
  if (!button) return;
  const focused = document.activeElement;
  try {
    await copy(await textFor(button), htmlFor(button));
    showResult(button, "Copied");
  } catch {
    showResult(button, "Not copied");
  }
  focused?.focus({ preventScroll: true });
});
