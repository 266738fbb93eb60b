// The live region of the page, or that of the open dialog. Screen readers speak what is written into it.
const PAUSE_MS = 50;

export const announce = (words) => {
  const place = document.querySelector("dialog:modal [data-announcer]") ?? document.getElementById("announcer");
  if (!place) return;
  // Screen readers speak the same words again only if the text was gone in between.
  place.textContent = "";
  setTimeout(() => {
    place.textContent = words;
  }, PAUSE_MS);
};
