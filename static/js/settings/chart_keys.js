// The bars of a chart are one stop of Tab; the arrow keys, Home and End go from bar to bar.
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

document.addEventListener("keydown", (event) => {
  const bars = event.target.closest("[data-chart-bars]");
  if (!bars || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const links = [...bars.querySelectorAll("a")];
  const place = links.indexOf(event.target);
  const ends = { Home: 0, End: links.length - 1 };
  const next = event.key in STEPS ? links[place + STEPS[event.key]] : links[ends[event.key]];
  if (!(event.key in STEPS) && !(event.key in ends)) return;
  event.preventDefault();
  if (!next) return;
  links[place].tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});
