// Takes over the server's messages after a change, and only them, so that the controls stay in place while they are used.
// A message that the server does not send again is removed.
const MISSING = "Required.";
const PART = "[data-row], [data-parameter]";

// A missing value is not reported while its part of the form is being filled in.
const isBeingFilled = (place) => place.closest(PART).contains(document.activeElement);

const markErrors = (form) => {
  for (const control of form.querySelectorAll(".parameter-input[id]")) {
    if (document.getElementById(`${control.id}--error`)?.textContent) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  for (const parameter of form.querySelectorAll(".parameter, .parameter-part")) {
    const messages = [...parameter.querySelectorAll(".parameter-error")];
    parameter.classList.toggle("has-errors", messages.some((message) => message.textContent));
  }
};

const renew = (form, html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const parameter of form.querySelectorAll("[data-renew]")) {
    const fresh = page.getElementById(parameter.id);
    if (fresh) replace(parameter, document.adoptNode(fresh));
  }
  for (const part of form.querySelectorAll("[data-live-part]")) {
    const fresh = page.getElementById(part.id);
    // An open menu of the same names stays open.
    if (!fresh || fresh.textContent === part.textContent) continue;
    part.replaceWith(document.adoptNode(fresh));
    htmx.process(fresh);
  }
  for (const place of form.querySelectorAll("[data-live]")) {
    const said = page.getElementById(place.id)?.textContent ?? "";
    delete place.dataset.held;
    if (said === MISSING && isBeingFilled(place)) place.dataset.held = said;
    // Written only if it changed, because screen readers speak every written text.
    else if (place.textContent !== said) place.textContent = said;
  }
  for (const editor of form.querySelectorAll("[data-live-value]")) {
    const isShown = editor.closest("[data-parameter]").querySelector('[data-state="json"]:checked');
    if (!isShown && document.activeElement !== editor) editor.value = page.getElementById(editor.id)?.value ?? "";
  }
  markErrors(form);
  form.dispatchEvent(new CustomEvent("parameters:renewed", { bubbles: true }));
};

// After JSON was switched off, the focus stays on the same button.
const replace = (parameter, fresh) => {
  const hadFocus = parameter.contains(document.activeElement);
  parameter.replaceWith(fresh);
  if (hadFocus) fresh.querySelector("[data-state=json]")?.focus();
};

// Marks whether the server has all changes. A change during a request waits for the next one.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches?.("[data-unkept]")) event.target.dataset.unkept = "sent";
});

// A message that appears while the pointer is down would move the pressed button away, and its click would be lost.
let isDown = false;

const tellHeld = () => {
  if (isDown) return;
  for (const form of document.querySelectorAll("[data-parameters]:has([data-held])")) {
    const held = [...form.querySelectorAll("[data-held]")].filter((place) => !isBeingFilled(place));
    for (const place of held) {
      place.textContent = place.dataset.held;
      delete place.dataset.held;
    }
    if (held.length) markErrors(form);
  }
};

// The click comes right after the pointer is up, and the focus is elsewhere right after it left.
document.addEventListener("focusout", () => setTimeout(tellHeld));
for (const [type, isNowDown] of [["pointerdown", true], ["pointerup", false], ["pointercancel", false]]) {
  document.addEventListener(type, () => {
    isDown = isNowDown;
    setTimeout(tellHeld);
  }, { capture: true });
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig?.elt;
  if (!form?.matches?.("[data-parameters]")) return;
  event.detail.shouldSwap = false;
  if (form.dataset.unkept === "sent") delete form.dataset.unkept;
  if (event.detail.xhr.status < 400) renew(form, event.detail.xhr.responseText);
});
