// The estimated sizes of texts and files, by the same rule as playground.pricing.
export const BYTES_PER_TOKEN = 4;

const encoder = new TextEncoder();
export const bytes = (text) => encoder.encode(text).length;

export const textBytes = (place) => {
  let sum = 0;
  for (const text of place.querySelectorAll(".bubble, .answer")) sum += bytes(text.textContent);
  return sum;
};

// The server counts the tokens of each file.
export const tokensOf = (files) => [...files].reduce((sum, file) => sum + Number(file.dataset.tokens), 0);
