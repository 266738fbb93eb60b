// Scrolling together: the column that the reader scrolls takes the others along, each to the same share of its length.
import { read, write } from "../shell/storage.js";

const place = document.getElementById("compare");
const button = document.querySelector("[data-scroll-together]");
// The scroller that the reader has used last. Columns that follow their answers lead nobody.
let leader = null;

const isOn = () => button.getAttribute("aria-pressed") === "true";
const room = (scroller) => scroller.scrollHeight - scroller.clientHeight;

const lead = (scroller) => {
  const share = room(scroller) > 0 ? scroller.scrollTop / room(scroller) : 0;
  for (const other of place.querySelectorAll(".scroller")) {
    if (other !== scroller) other.scrollTop = Math.round(share * room(other));
  }
};

for (const type of ["wheel", "touchmove", "keydown", "pointerdown"]) {
  place.addEventListener(type, (event) => (leader = event.target.closest(".scroller")), { capture: true, passive: true });
}
place.addEventListener(
  "scroll",
  (event) => {
    if (isOn() && event.target === leader) lead(leader);
  },
  { capture: true, passive: true },
);

const set = (on) => button.setAttribute("aria-pressed", String(on));
button.addEventListener("click", () => {
  set(!isOn());
  write("compare:together", isOn() ? "yes" : "");
  if (isOn() && leader) lead(leader);
});
set(read("compare:together") === "yes");
