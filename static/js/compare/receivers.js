// The columns that the next prompt goes to. Those that are left out stay so in this tab, and the composer says how many there are.
const place = document.getElementById("compare");
const name = `left-out:${place.dataset.code}`;
const boxes = () => [...place.querySelectorAll(".column-receives input")];

const show = () => {
  const chosen = boxes().filter((box) => box.checked).length;
  const words = document.querySelector("[data-receivers]");
  if (!words) return;
  const text = chosen === boxes().length ? "Enter sends to all columns" : `Enter sends to ${chosen} of ${boxes().length} columns`;
  if (words.textContent !== text) words.textContent = text;
  for (const box of boxes()) box.closest(".compare-column").toggleAttribute("data-left-out", !box.checked);
};

const leftOut = () => {
  try {
    return (sessionStorage.getItem(name) ?? "").split(" ").filter(Boolean);
  } catch {
    return [];
  }
};

const keep = () => {
  const codes = boxes().filter((box) => !box.checked && !box.disabled).map((box) => box.value);
  try {
    sessionStorage.setItem(name, codes.join(" "));
  } catch {
    // A browser that stores nothing forgets it with the page.
  }
};

place.addEventListener("change", (event) => {
  if (!event.target.matches(".column-receives input")) return;
  keep();
  show();
});
document.addEventListener("htmx:afterSettle", show);

// A column that is shown for reading receives nothing.
for (const box of boxes().filter((each) => !each.disabled)) box.checked = !leftOut().includes(box.value);
show();
