// Finds, counts and sorts the rows of the model picker in the page. A catalogue has hundreds of rows, not more.
// The filters and their bounds come from playground/pages/picker.py.
const FITS = {
  keys: (row) => row.isReady,
  can: (row, values) => values.every((value) => row.can.has(value)),
  at: (row, values) => values.some((value) => row.at.has(value)),
  by: (row, values) => values.includes(row.by),
  from: (row, values) => values.includes(row.from),
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

// Lower case without accents: "cafe" finds "Café".
const plain = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

const words = (text) => new Set(text.split(" ").filter(Boolean));

// Ranks a row by its match; less is better. A whole name is better than its beginning, and a name better than any other
// text of the row.
const distance = (row, looked, phrase) => {
  const name = row.spoken;
  if (name === phrase || row.ids.includes(phrase)) return 0;
  if (name.startsWith(phrase)) return 1;
  if (looked.every((word) => name.includes(word))) return 2;
  return row.ids.some((id) => id.includes(phrase)) ? 3 : 4;
};

// Most typed letters do not change the order, and moving hundreds of rows takes longer than checking.
const inPlace = (places) => {
  const next = new Map();
  return places.every(([item, home]) => {
    const expected = next.has(home) ? next.get(home) : home.firstElementChild;
    next.set(home, item.nextElementSibling);
    return item === expected;
  });
};

export const startFilter = (picker) => {
  const list = picker.querySelector("#picker-list");
  const find = picker.querySelector("[data-picker-find]");
  const sort = picker.querySelector("[data-picker-sort]");
  const count = picker.querySelector("[data-picker-count]");
  const used = picker.querySelector("[data-picker-used]");
  let rows = [];
  // The ticked values of each facet. They stay when the list is fetched again.
  const chosen = new Map();

  const asked = () => plain(find.value).split(/\s+/).filter(Boolean);

  const read = () => {
    rows = [...list.querySelectorAll("[data-model]")].map((item, place) => {
      const { by, from, at, context, price, released } = item.dataset;
      const name = item.querySelector("b").textContent;
      const can = [...item.querySelectorAll(".picker-facts > .truncate ~ span")].map((label) => label.textContent);
      const spoken = plain(name);
      const more = plain(item.dataset.words);
      // An id matches without its developer too.
      const ids = more.split("\n").flatMap((id) => [id, id.slice(id.lastIndexOf("/") + 1)]);
      const text = `${spoken} ${more} ${plain(`${by} ${from} ${can.join(" ")}`)}`;
      return {
        item, place, name, spoken, ids, isReady: !("lacksKey" in item.dataset), text, by, from, home: item.parentElement, can: new Set(can), at: words(at),
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
    const looked = asked();
    const matching = rows.filter((row) => looked.every((word) => row.text.includes(word)));
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
    const everything = list.querySelector('[data-section="all"]');
    if (!everything) return;
    const looked = asked();
    const phrase = looked.join(" ");
    const far = new Map(rows.map((row) => [row, looked.length ? distance(row, looked, phrase) : 0]));
    const sorted = [...rows].sort((one, other) => far.get(one) - far.get(other) || ORDER[sort.value](one, other));
    // A sorted list has no sections.
    const isOne = Boolean(sort.value || looked.length);
    const places = sorted.map((row) => [row.item, isOne ? everything.querySelector("ul") : row.home]);
    for (const [item, home] of inPlace(places) ? [] : places) home.append(item);
    everything.querySelector("h3").hidden = isOne;
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
    if (event.target !== find) return;
    order();
    // The best match is on top.
    list.querySelector("[data-picker-results]")?.scrollTo(0, 0);
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
    order();
    find.focus();
  });

  // Called when a new list is in the page.
  return () => {
    read();
    tick();
    order();
  };
};
