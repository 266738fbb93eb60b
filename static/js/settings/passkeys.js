// Forms that ask the browser for a passkey before they are sent. data-passkey says whether to "create" or to "get" one;
// its options are in the form, or at data-options-url.
import { bytesOf, textOf } from "./base64url.js";

const NOTHING_DONE = "Nothing was done: the passkey was not used in time, or you stopped. Try again.";
const KNOWN_ALREADY = "This device has a passkey for you already.";

const withBytes = (credentials) => (credentials ?? []).map((each) => ({ ...each, id: bytesOf(each.id) }));

const optionsOf = async (form) => {
  const written = form.querySelector("script[type='application/json']");
  if (written) return JSON.parse(written.textContent).publicKey;
  const response = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error("Too many attempts. Try again in a minute.");
  return (await response.json()).request_options.publicKey;
};

const create = (options, isEnough) =>
  navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytesOf(options.challenge),
      user: { ...options.user, id: bytesOf(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
      authenticatorSelection: {
        ...options.authenticatorSelection,
        residentKey: isEnough ? "required" : "discouraged",
        requireResidentKey: isEnough,
        userVerification: isEnough ? "required" : "preferred",
      },
    },
  });

const get = (options) =>
  navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytesOf(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  });

const written = (credential) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = textOf(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
};

const showTrouble = (form, words) => {
  const place = form.querySelector("[data-passkey-trouble]");
  place.textContent = words;
  place.hidden = !words;
};

const wordsFor = (error) => {
  if (error.name === "InvalidStateError") return KNOWN_ALREADY;
  return error instanceof DOMException ? NOTHING_DONE : error.message;
};

const askAndSend = async (form) => {
  const button = form.querySelector("button[type=submit]");
  showTrouble(form, "");
  button.disabled = true;
  try {
    const options = await optionsOf(form);
    const isEnough = form.elements.passwordless?.checked ?? false;
    const credential = await (form.dataset.passkey === "create" ? create(options, isEnough) : get(options));
    form.elements.credential.value = written(credential);
    form.submit();
  } catch (error) {
    button.disabled = false;
    showTrouble(form, wordsFor(error));
  }
};

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      askAndSend(form);
    });
  }
  for (const line of document.querySelectorAll("[data-passkeys-missing]")) line.hidden = true;
}
