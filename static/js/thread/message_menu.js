// The menu "More" of a message.
import { PopoverMenu } from "../shell/popover_menu.js";
import { tell } from "../shell/toasts.js";
import { codeOf } from "./messages.js";

const ANY_CODE = "00000000-0000-0000-0000-000000000000";
const BUTTONS = "[data-message-menu]";
const element = document.getElementById("message-menu");

const menu = new PopoverMenu(element, {
  buttons: BUTTONS,
  urlOf: (button) => element.dataset.url.replace(ANY_CODE, codeOf(button.closest(".message"))),
  // The end of an answer replaces its parts.
  again: (button) => document.querySelector(`#${CSS.escape(button.closest(".message")?.id ?? "message-")} ${BUTTONS}`),
  // Items work by their own attributes: htmx, links, and the modules that listen for clicks.
  choose: () => {},
});

element.addEventListener("htmx:responseError", (event) => {
  if (event.detail.requestConfig.verb === "get") tell("This message is gone, or it is no longer shared with you.");
});

// The thread scrolls by itself while an answer grows: the menu goes along, and closes with its button out of sight.
const follow = () => {
  if (!menu.isOpen) return;
  const { top, bottom } = menu.opener.getBoundingClientRect();
  const around = menu.opener.closest(".scroller")?.getBoundingClientRect();
  if (around && bottom > around.top && top < around.bottom) menu.place();
  else menu.close();
};
document.addEventListener("scroll", follow, { capture: true, passive: true });
