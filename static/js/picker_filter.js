// Finds, counts and sorts the rows of the model picker, all in the page: a catalogue is hundreds of rows, not more.
(() => {
  const picker = document.getElementById("picker");
  if (!picker) return;
  const list = document.getElementById("picker-list");
  const find = picker.querySelector("[data-picker-find]");
  const sort = picker.querySelector("[data-picker-sort]");
  const count = picker.querySelector("[data-picker-count]");
  const used = picker.querySelector("[data-picker-used]");
  let rows = [];
  // What is ticked, by facet: it outlives a list that is fetched again.
  const chosen = new Map();

  const FITS = {
    can: (row, values) => values.every((value) => row.can.has(value)),
    at: (row, values) => values.some((value) => row.at.has(value)),
    by: (row, values) => values.includes(row.by),
    context: (row, [least]) => row.context >= Number(least),
    price: (row, [most]) => row.price !== null && row.price <= Number(most),
  };

  const last = (value) => (value === null ? Infinity : value);
  const ORDER = {
    price: (one, other) => last(one.price) - last(other.price) || one.place - other.place,
    context: (one, other) => other.context - one.context || one.place - other.place,
    released: (one, other) => other.released - one.released || one.place - other.place,
    name: (one, other) => one.name.localeCompare(other.name),
    "": (one, other) => one.place - other.place,
  };

  const words = (text) => new Set(text.split(" ").filter(Boolean));

  const read = () => {
    rows = [...list.querySelectorAll("[data-model]")].map((item, place) => {
      const { words: more, by, at, context, price, released } = item.dataset;
      const name = item.querySelector("b").textContent;
      const can = [...item.querySelectorAll(".picker-facts > span")].map((label) => label.textContent);
      const text = `${name} ${more} ${by} ${can.join(" ")}`.toLowerCase();
      return {
        item, place, name, text, by, home: item.parentElement, can: new Set(can), at: words(at),
        context: Number(context), price: price === "" ? null : Number(price), released: Number(released),
      };
    });
  };

  const fitsFacets = (row, except) => {
    for (const [facet, values] of chosen) if (facet !== except && values.length && !FITS[facet](row, values)) return false;
    return true;
  };

  const showCounts = (matching) => {
    for (const group of list.querySelectorAll("[data-facet]")) {
      const { facet, kind } = group.dataset;
      const here = matching.filter((row) => fitsFacets(row, facet));
      const ticked = chosen.get(facet) ?? [];
      for (const option of group.querySelectorAll("label")) {
        const { value, checked } = option.firstElementChild;
        const asked = kind === "all" ? [...ticked, value] : [value];
        const many = value === "" ? here.length : here.filter((row) => FITS[facet](row, asked)).length;
        option.lastElementChild.textContent = many.toLocaleString("en");
        option.classList.toggle("is-empty", !many && !checked);
      }
    }
  };

  const apply = () => {
    if (!list.querySelector("[data-picker-results]")) return;
    const asked = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matching = rows.filter((row) => asked.every((word) => row.text.includes(word)));
    const shown = new Set(matching.filter((row) => fitsFacets(row)));
    for (const row of rows) row.item.hidden = !shown.has(row);
    for (const section of list.querySelectorAll("[data-section]")) {
      section.hidden = !section.querySelector("[data-model]:not([hidden])");
    }
    showCounts(matching);
    const filters = [...chosen.values()].reduce((sum, values) => sum + values.length, 0);
    used.textContent = filters ? ` ${filters}` : "";
    for (const button of list.querySelectorAll(".picker-clear")) button.disabled = !filters;
    const none = list.querySelector("[data-picker-none]");
    none.hidden = shown.size > 0;
    const all = rows.length.toLocaleString("en");
    count.textContent = shown.size === rows.length ? `${all} models` : `${shown.size.toLocaleString("en")} of ${all} models`;
  };

  const order = () => {
    const everything = list.querySelector('[data-section="all"] ul');
    const sorted = [...rows].sort(ORDER[sort.value]);
    // A sorted list is one list: the headings above would part it.
    for (const row of sorted) (sort.value ? everything : row.home).append(row.item);
    apply();
  };

  const readChosen = () => {
    for (const group of list.querySelectorAll("[data-facet]")) {
      const values = [...group.querySelectorAll("input:checked")].map((box) => box.value).filter(Boolean);
      chosen.set(group.dataset.facet, values);
    }
  };

  const tick = () => {
    for (const group of list.querySelectorAll("[data-facet]")) {
      const values = chosen.get(group.dataset.facet) ?? [];
      for (const box of group.querySelectorAll("input")) {
        box.checked = box.value === "" ? !values.length : values.includes(box.value);
      }
    }
    readChosen();
  };

  picker.addEventListener("input", (event) => {
    if (event.target === find) apply();
  });

  picker.addEventListener("change", (event) => {
    if (event.target === sort) return order();
    if (!event.target.closest("[data-facet]")) return;
    readChosen();
    apply();
  });

  picker.addEventListener("click", (event) => {
    if (!event.target.closest("[data-picker-clear]")) return;
    chosen.clear();
    tick();
    if (event.target.closest("[data-picker-none]")) find.value = "";
    apply();
    find.focus();
  });

  list.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== list) return;
    read();
    tick();
    order();
    list.dispatchEvent(new CustomEvent("picker:listed"));
  });
})();
