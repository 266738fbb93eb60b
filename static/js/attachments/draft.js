// What is attached and not sent yet is found again after a reload, as long as the server keeps it.
(() => {
  // As the prompts in draft.js, which forgets all of them when somebody signs out.
  const key = () => `draft:${document.getElementById("prompt").dataset.draft}:attachments`;
  const list = () => document.getElementById("attachments");
  let isRestored = false;

  const read = () => {
    try {
      return localStorage.getItem(key())?.split(" ") ?? [];
    } catch {
      return [];
    }
  };

  const keep = () => {
    if (!list() || !isRestored) return;
    const codes = [...list().querySelectorAll("[data-code]")].map((chip) => chip.dataset.code);
    try {
      if (codes.length) localStorage.setItem(key(), codes.join(" "));
      else localStorage.removeItem(key());
    } catch {
      // Full or forbidden storage: the page itself still has them.
    }
  };

  const restore = async () => {
    const codes = list() ? read() : [];
    if (codes.length) {
      const query = new URLSearchParams(codes.map((code) => ["code", code]));
      const response = await fetch(`${document.getElementById("composer").dataset.unsentUrl}?${query}`).catch(() => null);
      if (response?.ok && !response.redirected) {
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        list()?.prepend(...page.querySelectorAll("[data-attachment]"));
      }
    }
    isRestored = true;
    document.dispatchEvent(new CustomEvent("attachments:changed"));
  };

  document.addEventListener("attachments:changed", keep);
  restore();
})();
