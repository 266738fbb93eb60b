// Notifications of the browser, and the switch for them in the account menu. The browser is asked when a person flips the
// switch, never before. Their choice is stored in this browser.
import { read, write } from "./storage.js";

const ON = "on";
// A browser on a phone has all parts of the interface and refuses when a notification is made.
const IMPOSSIBLE = "impossible";
const NAME = "notices";

const TROUBLE = {
  insecure: "Notifications need https, which this site doesn't use. Ask your admin.",
  impossible: "This browser can't show notifications.",
  denied: "Your browser blocks notifications of this site. Allow them in its settings for the site.",
  unanswered: "You didn't allow notifications. Switch this on to be asked again.",
};

const box = document.querySelector("[data-notices]");
const hint = document.getElementById("notices-hint");
let shown = [];

const obstacle = () => {
  if (!window.isSecureContext) return "insecure";
  if (!("Notification" in window) || read(NAME) === IMPOSSIBLE) return "impossible";
  return Notification.permission === "denied" ? "denied" : "";
};

const isOn = () => !obstacle() && read(NAME) === ON && Notification.permission === "granted";

const show = (trouble = obstacle()) => {
  if (!box) return;
  box.checked = isOn();
  // A refusal can be changed in the browser's settings and then tried again here.
  box.disabled = trouble === "insecure" || trouble === "impossible";
  hint.textContent = TROUBLE[trouble] ?? "";
};

const switchOn = async () => {
  const permission = await Notification.requestPermission();
  write(NAME, permission === "granted" ? ON : "");
  show(permission === "default" ? "unanswered" : obstacle());
};

box?.addEventListener("change", () => {
  if (box.checked) return switchOn();
  write(NAME, "");
  show();
});
// The other tabs of this browser follow, and so does a change in the browser's own settings.
window.addEventListener("storage", (event) => {
  if (event.key === NAME) show();
});
navigator.permissions?.query({ name: "notifications" }).then(
  (permission) => permission.addEventListener("change", () => show()),
  () => {}, // A browser without this permission's name: the switch is right after a reload.
);
show();

// Show a notification if the person has asked for them. One with the same tag replaces it.
export const notice = (title, words, tag) => {
  if (!isOn()) return;
  try {
    const made = new Notification(title, { body: words, tag });
    made.addEventListener("click", () => {
      window.focus();
      made.close();
    });
    shown.push(made);
  } catch {
    write(NAME, IMPOSSIBLE);
    show();
  }
};

export const dropNotices = () => {
  for (const made of shown) made.close();
  shown = [];
};
