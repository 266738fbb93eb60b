// Attachments that are not sent yet are found again after a reload, as long as the server keeps them.
import { PREFIX } from "../composer/draft.js";
import { read, write } from "../shell/storage.js";
import { part } from "../thread/roots.js";
import { attachmentsChanged } from "./list.js";

export const startAttachmentDraft = (root) => {
  // composer/draft.js removes all entries with this prefix when the user signs out.
  const key = () => `${PREFIX}${part(root, "prompt").dataset.draft}:attachments`;
  const list = () => part(root, "attachments");
  let isRestored = false;

  const save = () => {
    if (!list() || !isRestored) return;
    const codes = [...list().querySelectorAll("[data-code]")].map((chip) => chip.dataset.code);
    write(key(), codes.join(" "));
  };

  const restore = async () => {
    const codes = list() ? (read(key())?.split(" ") ?? []) : [];
    if (codes.length) {
      const query = new URLSearchParams(codes.map((code) => ["code", code]));
      const response = await fetch(`${part(root, "composer").dataset.unsentUrl}?${query}`).catch(() => null);
      if (response?.ok && !response.redirected) {
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        // The page may list some of them already: those of pasted code.
        const isListed = (chip) => list()?.querySelector(`[data-code="${chip.dataset.code}"]`);
        list()?.prepend(...[...page.querySelectorAll("[data-attachment]")].filter((chip) => !isListed(chip)));
      }
    }
    isRestored = true;
    attachmentsChanged(root);
  };

  root.addEventListener("attachments:changed", save);
  restore();
};
