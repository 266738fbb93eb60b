// What goes along with a prompt, as chips in the composer: whether the model has a place for it, what
// send waits for, how it is removed, and that it outlives every new composer until it is sent.
// attachment_uploads.js makes chips of files; sources and recorder say of which.
(() => {
  const NAMES = { image: "images", audio: "audio", video: "videos", pdf: "PDF files", text: "text files" };
  const composer = () => document.getElementById("composer");
  const list = () => document.getElementById("attachments");
  const chips = () => [...(list()?.querySelectorAll("[data-attachment]") ?? [])];
  const remover = (chip) => chip?.querySelector("[data-attachment-remove]");
  const announce = (words) => document.dispatchEvent(new CustomEvent("announce", { detail: words }));

  // Send was pressed while something was still on its way.
  let isAwaited = false;
  let remark = "";
  let last = list();
  let sent = [];

  const isUnderWay = (chip) => ["waiting", "uploading"].includes(chip.dataset.state);
  const blocked = () => chips().find((chip) => chip.classList.contains("is-refused"));

  // What a file is to a model. Text goes by a hundred types.
  const family = (type) => {
    const [kind] = type.split("/");
    if (["image", "audio", "video"].includes(kind)) return kind;
    return type === "application/pdf" ? "pdf" : "text";
  };

  // In a sentence why the chosen model has no place for it; nothing where it has one.
  const misfit = ({ dataset: { mediaType, address } }) => {
    const { takes, takesAddress, modelName } = composer().dataset;
    // Without a model there is something else to be said first.
    if (!modelName) return "";
    const types = takes.split(" ").filter(Boolean);
    const kind = address ? "image" : family(mediaType);
    if (address ? takesAddress : types.includes(mediaType)) return "";
    if (!types.some((type) => family(type) === kind)) return `${modelName} takes no ${NAMES[kind]}.`;
    if (address) return `${modelName} does not fetch images itself: attach the image.`;
    return `${modelName} takes no ${NAMES[kind]} of the type ${mediaType}.`;
  };

  const say = (chip, sentence) => {
    const place = chip.querySelector("[data-attachment-error]");
    if (place.textContent !== sentence) place.textContent = sentence;
    place.hidden = !sentence;
    chip.classList.toggle("is-refused", Boolean(sentence));
  };

  const waitingWords = () => {
    const count = chips().filter(isUnderWay).length;
    return `Sends when ${count === 1 ? "the upload is" : `${count} uploads are`} done.`;
  };

  const show = () => {
    const note = document.getElementById("attachments-note");
    const words = isAwaited ? waitingWords() : remark;
    note.hidden = !words;
    note.querySelector("p").textContent = words;
    note.querySelector("[data-attachments-wait]").hidden = !isAwaited;
  };

  const update = () => {
    if (!list()) return;
    for (const chip of chips()) if (!chip.dataset.state) say(chip, misfit(chip));
    if (blocked()) isAwaited = false;
    const isReady = isAwaited && !chips().some(isUnderWay);
    if (isReady) isAwaited = false;
    show();
    if (isReady) composer().requestSubmit();
  };

  const changed = () => document.dispatchEvent(new CustomEvent("attachments:changed"));

  const remove = (chip) => {
    const next = remover(chip.nextElementSibling) ?? remover(chip.previousElementSibling);
    // Of the composer, or of an earlier prompt that is edited.
    const box = chip.closest("form").querySelector("textarea");
    const { discardUrl } = chip.dataset;
    const headers = { "X-CSRFToken": composer().elements.csrfmiddlewaretoken.value };
    chip.dispatchEvent(new CustomEvent("attachments:removed", { bubbles: true }));
    chip.remove();
    // Whether that arrives does not matter: what is never sent is swept up.
    if (discardUrl) fetch(discardUrl, { method: "POST", headers, keepalive: true }).catch(() => {});
    announce(`${chip.querySelector("[data-attachment-name]").textContent} was removed.`);
    (next ?? box).focus();
    remark = "";
    changed();
  };

  const stopWaiting = () => {
    isAwaited = false;
    update();
    announce("It is not sent yet.");
    document.getElementById("prompt").focus();
  };

  // Nothing goes out without what its writer believes attached.
  document.addEventListener("htmx:confirm", (event) => {
    if (event.target !== composer() || event.defaultPrevented || !list()) return;
    const chip = blocked();
    if (chip) {
      event.preventDefault();
      remark = "Remove what cannot go along, or try it again; then send.";
      show();
      remover(chip).focus();
      announce(`${chip.querySelector("[data-attachment-error]").textContent} ${remark}`);
    } else if (chips().some(isUnderWay)) {
      event.preventDefault();
      isAwaited = true;
      show();
      announce(waitingWords());
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-attachments-wait]")) return stopWaiting();
    if (event.target.closest("[data-attachment-remove]")) remove(event.target.closest("[data-attachment]"));
  });

  document.addEventListener("keydown", (event) => {
    const chip = event.target.closest?.("[data-attachment]");
    if (!chip || (event.key !== "Delete" && event.key !== "Backspace")) return;
    event.preventDefault();
    remove(chip);
  });

  // In the capture phase, before Escape means to stop an answer.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !isAwaited || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      event.stopPropagation();
      stopWaiting();
    },
    true,
  );

  document.addEventListener("attachments:changed", update);
  document.addEventListener("attachments:remark", (event) => {
    remark = event.detail;
    if (list()) show();
    if (remark) announce(remark);
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt === composer()) sent = chips();
  });
  const dropSent = () => {
    for (const chip of sent) chip.remove();
    sent = [];
    remark = "";
    changed();
  };
  document.addEventListener("composer:sent", dropSent);
  // Refused, the new composer shows what of it can still be sent.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.elt === composer() && event.detail.xhr.status === 422) dropSent();
  });

  // A new composer: the chips of the one before go on in it, uploads and all.
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt.id !== "composer" || list() === last) return;
    list()?.append(...(last?.children ?? []));
    last = list();
    changed();
  });

  update();
})();
