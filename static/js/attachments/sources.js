// Where attachments come from: the file picker, the clipboard, what is dropped anywhere on the page,
// and the address of an image.
(() => {
  const HIDE_MS = 200;
  const composer = () => document.getElementById("composer");
  const target = document.getElementById("drop-target");
  const dialog = document.getElementById("attach-address");
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
  const takesFiles = () => Boolean(composer().dataset.takes);
  const isOffered = () => Boolean(composer()?.dataset.uploadUrl);
  const nothingTaken = () => `${composer().dataset.modelName} takes no attachments.`;
  let timer = 0;

  const add = (files) => {
    if (!files.length) return;
    if (takesFiles()) tell("attachments:add", files);
    else tell("attachments:remark", nothingTaken());
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-attach]")) document.getElementById("attach-files").click();
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("#attach-files")) return;
    add([...event.target.files]);
    tell("composer:write");
    // The same file can be chosen again after it was removed.
    event.target.value = "";
  });

  document.addEventListener("paste", (event) => {
    const isElsewhere = event.target.closest?.("input, textarea, select, [contenteditable], dialog") && event.target.id !== "prompt";
    const files = [...(event.clipboardData?.files ?? [])];
    // A table or a text copied from an office program comes with a picture of itself.
    if (!isOffered() || isElsewhere || !files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    add(files);
  });

  // --- Dropping ------------------------------------------------------------------------------

  const bringsFiles = (event) => isOffered() && event.dataTransfer?.types.includes("Files") && !document.querySelector("dialog[open]");

  const hide = () => {
    clearTimeout(timer);
    target.hidden = true;
  };

  // Over and over while something is held over the page: more to be trusted than enter and leave.
  document.addEventListener("dragover", (event) => {
    if (!bringsFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = takesFiles() ? "copy" : "none";
    const words = takesFiles() ? `Drop to attach: ${composer().dataset.takesWords}` : nothingTaken();
    target.querySelector("p").textContent = words;
    target.classList.toggle("is-closed", !takesFiles());
    target.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(hide, HIDE_MS);
  });

  document.addEventListener("drop", (event) => {
    if (!bringsFiles(event)) return;
    // Otherwise the browser leaves the page to show the file.
    event.preventDefault();
    hide();
    const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
    const isFolder = (item) => item.webkitGetAsEntry?.()?.isDirectory;
    const folders = items.filter(isFolder).length;
    add(items.filter((item) => !isFolder(item)).map((item) => item.getAsFile()).filter(Boolean));
    if (folders) tell("attachments:remark", "Folders cannot be attached: drop the files that are in them.");
  });

  // --- An address ----------------------------------------------------------------------------

  const field = dialog?.querySelector("input");
  const failed = dialog?.querySelector("[data-address-error]");

  const showError = (sentence) => {
    failed.textContent = sentence;
    if (sentence) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };

  const problem = (text) => {
    if (!text) return "Write an address first.";
    if (!URL.canParse(text) || new URL(text).protocol !== "https:") return "It has to be an https address.";
    return text.length > field.maxLength ? `It can have ${field.maxLength} characters at most.` : "";
  };

  dialog?.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = field.value.trim();
    showError(problem(address));
    if (failed.textContent) return field.focus();
    tell("attachments:address", address);
    field.value = "";
    dialog.close();
    tell("composer:write");
  });
  dialog?.addEventListener("close", () => showError(""));
})();
