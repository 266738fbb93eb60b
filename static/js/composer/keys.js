// Idempotency keys. Edit and "Answer again" make their key when they are used and keep it until a response came:
// the same request sent again is the same send.
const keys = new WeakMap();

export const freshKey = () => {
  if (crypto.randomUUID) return crypto.randomUUID();
  // randomUUID exists only on https and on localhost.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
};

document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters } = event.detail;
  if (!elt.matches("[data-fresh-key]") && !elt.querySelector("[data-fresh-key]")) return;
  if (!keys.has(elt)) keys.set(elt, freshKey());
  parameters.idempotency_key = keys.get(elt);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = event.detail;
  if (xhr.status !== 0) keys.delete(elt);
});

// A page from the browser's cache would send its next prompt under the key of the last one.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const key of document.querySelectorAll(".composer [name=idempotency_key]")) key.value = freshKey();
});
