// Makes a chip of each file or address that is added and uploads it: a few at a time, with its progress, to be
// tried again when the way to the server was lost.
(() => {
  const AT_ONCE = 3;
  const MEGABYTE = 1024 * 1024;
  const composer = () => document.getElementById("composer");
  const list = () => document.getElementById("attachments");
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

  // By chip: the file or the address, and the request that brings it.
  const uploads = new WeakMap();
  const queue = [];
  let running = 0;
  let arrived = [];

  const sizeOf = (bytes) => {
    if (bytes < 1024) return `${bytes} bytes`;
    return bytes < MEGABYTE ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / MEGABYTE).toFixed(1)} MB`;
  };

  const glyphOf = ({ type }) => ["image", "audio"].find((kind) => type.startsWith(`${kind}/`)) ?? "file";

  // What the server would refuse anyway, told before it takes a minute to get there.
  const refusal = (file) => {
    const most = Number(composer().dataset.mostBytes);
    if (file.size > most) return `It is larger than ${Math.floor(most / MEGABYTE)} MB, the most that can be uploaded here.`;
    return file.size ? "" : "It is empty.";
  };

  const become = (chip, state, sentence = "") => {
    const error = chip.querySelector("[data-attachment-error]");
    chip.dataset.state = state;
    error.textContent = sentence;
    error.hidden = !sentence;
    chip.classList.toggle("is-refused", Boolean(sentence));
    chip.querySelector("progress").hidden = Boolean(sentence);
    chip.querySelector("[data-attachment-retry]").hidden = state !== "failed";
  };

  const newChip = (name, about, glyph) => {
    const chip = document.getElementById("attachment-waiting").content.firstElementChild.cloneNode(true);
    chip.querySelector("[data-attachment-name]").textContent = name;
    chip.querySelector("[data-attachment-about]").textContent = about;
    chip.querySelector("use").setAttribute("href", `#icon-${glyph}`);
    for (const button of chip.querySelectorAll("[data-verb]")) button.setAttribute("aria-label", `${button.dataset.verb} ${name}`);
    list().append(chip);
    chip.scrollIntoView({ block: "nearest" });
    return chip;
  };

  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

  // The server's chip takes the place of ours; who was on its button stays there.
  const settle = (chip, html) => {
    const fresh = document.adoptNode(parsed(html).querySelector("[data-attachment]"));
    const hadFocus = chip.contains(document.activeElement);
    chip.replaceWith(fresh);
    if (hadFocus) fresh.querySelector("[data-attachment-remove]").focus();
    arrived.push(fresh);
  };

  const ended = (chip, xhr) => {
    if (!chip.isConnected) return;
    // Signed out, the request was redirected to the sign-in page.
    if (xhr.responseURL && xhr.responseURL !== new URL(composer().dataset.uploadUrl, location.href).href) {
      become(chip, "failed", "You are signed out. Sign in again in another tab, then try again.");
    } else if (xhr.status >= 200 && xhr.status < 300) settle(chip, xhr.responseText);
    else if (xhr.status === 422) become(chip, "refused", xhr.responseText.trim());
    else if (xhr.status === 413) become(chip, "refused", "It is larger than can be uploaded here.");
    else if (xhr.status === 403) become(chip, "failed", "This page is too old to upload that. Reload it, then attach it again.");
    else if (xhr.status === 0) become(chip, "failed", "The server could not be reached.");
    else become(chip, "failed", "Something broke on our side and this was not uploaded.");
  };

  const upload = (chip) => {
    const { file, address } = uploads.get(chip);
    const bar = chip.querySelector("progress");
    const xhr = new XMLHttpRequest();
    const body = new FormData();
    if (file) body.append("file", file, file.name);
    else body.append("image_url", address);
    uploads.get(chip).xhr = xhr;
    become(chip, "uploading");
    running += 1;
    xhr.upload.addEventListener("progress", (event) => {
      // All has arrived, and the server still has to look at it.
      if (event.loaded === event.total) bar.removeAttribute("value");
      else bar.value = event.loaded / event.total;
    });
    xhr.addEventListener("loadend", () => {
      running -= 1;
      ended(chip, xhr);
      pump();
      tell("attachments:changed");
    });
    xhr.open("POST", composer().dataset.uploadUrl);
    xhr.setRequestHeader("X-CSRFToken", composer().elements.csrfmiddlewaretoken.value);
    xhr.send(body);
  };

  // Once for all of them: a screen reader would be talking for minutes.
  const report = () => {
    const failed = list()?.querySelectorAll('[data-state="failed"], [data-state="refused"]').length;
    const names = arrived.length === 1 ? arrived[0].querySelector("[data-attachment-name]").textContent : `${arrived.length} files`;
    const words = arrived.length ? [`${names} ${arrived.length === 1 ? "is" : "are"} attached.`] : [];
    if (failed) words.push(`${failed} could not be attached.`);
    if (words.length) tell("announce", words.join(" "));
    arrived = [];
  };

  const pump = () => {
    while (running < AT_ONCE && queue.length) {
      const chip = queue.shift();
      if (chip.isConnected && chip.dataset.state === "waiting") upload(chip);
    }
    if (!running && !queue.length) report();
  };

  const enqueue = (chip) => {
    become(chip, "waiting");
    queue.push(chip);
  };

  // Adds as many as a prompt takes, and says how many that left out.
  const add = (sources, chipOf) => {
    if (!list()) return;
    const most = Number(composer().dataset.mostFiles);
    const room = Math.max(0, most - list().querySelectorAll('[data-attachment]:not([data-state="refused"])').length);
    for (const source of sources.slice(0, room)) chipOf(source);
    const left = sources.length - room;
    tell("attachments:remark", left > 0 ? `A prompt takes ${most} attachments at most: ${left} ${left === 1 ? "was" : "were"} left out.` : "");
    pump();
    tell("attachments:changed");
  };

  const addFile = (file) => {
    const chip = newChip(file.name, sizeOf(file.size), glyphOf(file));
    const sentence = refusal(file);
    uploads.set(chip, { file });
    if (sentence) become(chip, "refused", sentence);
    else enqueue(chip);
  };

  const addAddress = (address) => {
    const chip = newChip(address, "Image by its address", "address");
    uploads.set(chip, { address });
    enqueue(chip);
  };

  document.addEventListener("attachments:add", (event) => add(event.detail, addFile));
  document.addEventListener("attachments:address", (event) => add([event.detail], addAddress));
  document.addEventListener("attachments:removed", (event) => uploads.get(event.target)?.xhr?.abort());

  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-attachment-retry]")?.closest("[data-attachment]");
    if (!chip) return;
    enqueue(chip);
    // The button is about to go.
    chip.querySelector("[data-attachment-remove]").focus();
    pump();
    tell("attachments:changed");
  });
})();
