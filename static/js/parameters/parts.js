// Fetches large parts of the form when they are needed. Most never are.

export const fetchPart = async (name, place, swap) => {
  const form = place.closest("[data-parameters]");
  const endpoint = form.querySelector("[name=endpoint]").value;
  place.setAttribute("aria-busy", "true");
  try {
    await htmx.ajax("POST", form.getAttribute("hx-post"), { source: place, target: place, swap, values: { part: name, endpoint } });
  } finally {
    place.removeAttribute("aria-busy");
  }
};
