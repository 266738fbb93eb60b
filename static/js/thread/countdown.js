// Counts seconds in the page, so that the server need not send each of them: down to the next try, or up while an answer
// that comes whole is awaited.
let timer = 0;

const tick = () => {
  const down = [...document.querySelectorAll("[data-countdown]")].filter((number) => Number(number.textContent) > 0);
  const up = [...document.querySelectorAll("[data-elapsed]")];
  for (const number of down) number.textContent = Number(number.textContent) - 1;
  for (const number of up) number.textContent = Number(number.textContent) + 1;
  if (!down.length && !up.length) {
    clearInterval(timer);
    timer = 0;
  }
};

const start = () => {
  if (!timer && document.querySelector("[data-countdown], [data-elapsed]")) timer = setInterval(tick, 1000);
};

export const startCountdown = (root) => root.addEventListener("live:applied", start);
start();
