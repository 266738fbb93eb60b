// On a phone one column is shown at a time: a swipe scrolls to the next one, and so do the tabs above.
const place = document.getElementById("compare");
const list = document.querySelector(".column-tabs");
const tabs = [...list.querySelectorAll("[role=tab]")];
const columnOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));

const select = (tab) => {
  for (const other of tabs) {
    other.setAttribute("aria-selected", String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
  }
  // Not scrollIntoView, which would move the columns too.
  list.scrollLeft = tab.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2;
};

const show = (tab) => {
  select(tab);
  place.scrollLeft = columnOf(tab).offsetLeft - place.offsetLeft;
};

list.addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab) show(tab);
});

list.addEventListener("keydown", (event) => {
  const at = tabs.indexOf(event.target);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (at < 0 || !tabs[to]) return;
  event.preventDefault();
  tabs[to].focus();
  show(tabs[to]);
});

// A window that becomes narrow shows fewer columns, and the one that stays gets no entry of its own.
const seen = new Set();
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) seen.add(target);
      else seen.delete(target);
    }
    const tab = tabs.find((each) => seen.has(columnOf(each)));
    if (tab) select(tab);
  },
  { root: place, threshold: 0.6 },
);
for (const tab of tabs) observer.observe(columnOf(tab));

// The column that the address names, after a change or a search, may be beyond the edge.
const shown = tabs.find((tab) => columnOf(tab).dataset.thread === place.dataset.shown);
if (shown) show(shown);
