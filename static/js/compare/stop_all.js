// "Stop all" is there while a column has an answer that this person may stop.
const show = () => {
  const button = document.querySelector("[data-stop-all]");
  if (!button) return;
  const isLive = document.querySelector(".compare-column .composer-action .stop") !== null;
  if (button.hidden === isLive) button.hidden = !isLive;
};

document.addEventListener("live:applied", show, { capture: true });
document.addEventListener("htmx:afterSettle", show);
show();
