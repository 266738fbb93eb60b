// What the next prompt may cost, by the same rule as playground.pricing: a quarter of a token per byte,
// what the server expects of each file, a margin for other tokenisers, and the longest answer that the parameters allow. The server decides.
(() => {
  const BYTES_PER_TOKEN = 4;
  const MARGIN = 1.15;
  const DEFAULT_OUTPUT_TOKENS = 4096;
  const CREDITS_PER_USD = 2_000_000;
  const MILLION = 1_000_000;
  const PAUSE_MS = 150;

  const encoder = new TextEncoder();
  const bytes = (text) => encoder.encode(text).length;
  let threadBytes = null;
  let timer = 0;

  const measureThread = () => {
    let sum = 0;
    for (const part of document.querySelectorAll("#thread .bubble, #thread .answer")) sum += bytes(part.textContent);
    return sum;
  };

  const fileTokens = () => {
    let sum = 0;
    for (const file of document.querySelectorAll("#thread .sent-file, #attachments [data-tokens]")) sum += Number(file.dataset.tokens);
    return sum;
  };

  const outputTokens = (form) => {
    const longest = Number(form.dataset.outputMax) || Infinity;
    const fields = new FormData(form);
    const names = form.dataset.outputLengths.split(" ");
    const asked = names.map((name) => Number(fields.get(`p.${name}`))).filter((tokens) => tokens > 0);
    return Math.min(longest, asked.length ? Math.max(...asked) : DEFAULT_OUTPUT_TOKENS);
  };

  const words = (usd) => {
    if (usd === 0) return "no cost";
    return `up to ${usd >= 0.1 ? usd.toFixed(2) : usd >= 0.0001 ? usd.toFixed(4) : "0.0001"} USD`;
  };

  const show = () => {
    const form = document.getElementById("composer");
    const place = document.getElementById("estimate");
    if (!place) return;
    const text = document.getElementById("prompt").value;
    if (!text.trim() && !document.querySelector("#attachments [data-tokens]")) return place.replaceChildren();
    threadBytes ??= measureThread();
    const input = Math.ceil(((bytes(text) + threadBytes) / BYTES_PER_TOKEN + fileTokens()) * MARGIN);
    const { inputPrice, outputPrice } = form.dataset;
    const parts = [`~${input.toLocaleString("en")} tokens`];
    if (inputPrice && outputPrice) {
      const credits = (input * Number(inputPrice) + outputTokens(form) * Number(outputPrice)) / MILLION;
      parts.push(words(credits / CREDITS_PER_USD));
    }
    place.textContent = parts.join(" · ");
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE_MS);
  };
  const afresh = () => {
    threadBytes = null;
    soon();
  };

  document.addEventListener("input", (event) => {
    if (event.target.form?.id === "composer") soon();
  });
  document.addEventListener("draft:restored", soon);
  document.addEventListener("attachments:changed", soon);
  document.addEventListener("htmx:load", afresh);
  const thread = document.getElementById("thread");
  if (thread) new MutationObserver(afresh).observe(thread, { childList: true });
  soon();
})();
