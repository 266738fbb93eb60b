// localStorage, also where the browser forbids it or has no room left: then nothing is stored, and null is read.

export const read = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};

// An empty value removes the entry.
export const write = (name, value) => {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // The page works without it: what was chosen lasts as long as the page.
  }
};
