// The estimated sizes of texts and files, roughly.
export const BYTES_PER_TOKEN = 4;

const encoder = new TextEncoder();
export const bytes = (text) => encoder.encode(text).length;

export const textBytes = (place) => {
  let sum = 0;
  for (const text of place.querySelectorAll(".bubble, .answer")) sum += bytes(text.textContent);
  return sum;
};

// The system prompt of a new chat is sent as its box shows it.
export const systemBytes = (block) => {
  const box = block?.dataset.url ? null : block?.querySelector("textarea");
  return box ? bytes(box.value) : Number(block?.dataset.bytes ?? 0);
};

// The server counts the tokens of each file.
export const tokensOf = (files) => [...files].reduce((sum, file) => sum + Number(file.dataset.tokens), 0);
