// Counts seconds down in the page, so that the server need not send each of them.
let timer = 0;

const tick = () => {
  const numbers = [...document.querySelectorAll("[data-countdown]")].filter((number) => Number(number.textContent) > 0);
  for (const number of numbers) number.textContent = Number(number.textContent) - 1;
  if (!numbers.length) {
    clearInterval(timer);
    timer = 0;
  }
};

const start = () => {
  if (!timer && document.querySelector("[data-countdown]")) timer = setInterval(tick, 1000);
};

export const startCountdown = (root) => root.addEventListener("live:applied", start);
start();
