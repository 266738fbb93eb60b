// The encoding of a text file that is not sent yet. The server decodes the file again and returns its chip.
import { announce } from "../shell/announcer.js";
import { part, threadOf } from "../thread/roots.js";
import { attachmentsChanged } from "./list.js";

const showError = (chip, sentence) => {
  const error = chip.querySelector("[data-attachment-error]");
  error.textContent = sentence;
  error.hidden = !sentence;
};

const fail = (chip, select, sentence) => {
  select.value = select.querySelector("[selected]").value;
  delete chip.dataset.state;
  attachmentsChanged(threadOf(chip));
  showError(chip, sentence);
  announce(sentence);
};

const choose = async (select) => {
  const root = threadOf(select);
  const chip = select.closest("[data-attachment]");
  const headers = { "X-CSRFToken": part(root, "composer").elements.csrfmiddlewaretoken.value };
  const body = new FormData();
  body.append("encoding", select.value);
  showError(chip, "");
  // A prompt that is sent now waits for the file.
  chip.dataset.state = "uploading";
  const response = await fetch(select.dataset.url, { method: "POST", headers, body }).catch(() => null);
  if (!chip.isConnected) return;
  if (response?.status === 422) return fail(chip, select, (await response.text()).trim());
  if (!response?.ok || response.redirected) return fail(chip, select, "The encoding could not be changed. Try again.");
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = document.adoptNode(page.querySelector("[data-attachment]"));
  const hadFocus = chip.contains(document.activeElement);
  chip.replaceWith(fresh);
  const label = fresh.querySelector("[data-attachment-encoding]");
  if (hadFocus) label?.focus();
  announce(`${fresh.querySelector("[data-attachment-name]").textContent} is read as ${select.selectedOptions[0].textContent}.`);
  attachmentsChanged(root);
};

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-attachment-encoding]")) choose(event.target);
});
