// Lists: entries and rows to add and remove, tags to write one after the other. The focus goes where
// the next thing is typed.
(() => {
  const FIRST = "input:not([type=hidden], [type=range]), select, textarea";
  const rowsOf = (rows) => [...rows.querySelectorAll(":scope > [data-row]")];

  const touched = (node) => node.dispatchEvent(new CustomEvent("parameters:touched", { bubbles: true }));

  const focusIn = (row) => {
    const first = row.querySelector(FIRST);
    const isRadio = first?.type === "radio";
    const place = isRadio ? (row.querySelector(`[name="${CSS.escape(first.name)}"]:checked`) ?? first) : first;
    place?.focus();
    return place;
  };

  const nextIndex = (rows) => Math.max(-1, ...rowsOf(rows).map((row) => Number(row.dataset.row))) + 1;

  // From the pattern in the page, or, where it is too large to be there, from the server.
  const add = (rows, added) => {
    const index = nextIndex(rows);
    const button = rows.querySelector(":scope > [data-add]");
    const pattern = rows.querySelector(":scope > template");
    const done = () => {
      relabel(rows);
      const row = rowsOf(rows).find((each) => Number(each.dataset.row) === index);
      if (row) added?.(row);
    };
    if (!pattern) {
      const detail = { name: `${rows.dataset.rows}.${index}`, done };
      button.dispatchEvent(new CustomEvent("parameters:wanted", { bubbles: true, detail }));
      return;
    }
    // The mark of this list only: lists inside it have marks of their own.
    const mark = pattern.content.querySelector("[data-row]").dataset.row;
    const fresh = pattern.content.cloneNode(true);
    number(fresh, mark, index);
    button.before(fresh);
    done();
  };

  // Names and ids of a new row; patterns inside it keep their own marks.
  const number = (part, mark, index) => {
    for (const element of part.querySelectorAll("*")) {
      for (const attribute of element.attributes) {
        if (attribute.value.includes(mark)) attribute.value = attribute.value.replaceAll(mark, index);
      }
      if (element.content) number(element.content, mark, index);
    }
  };

  const relabel = (rows) => {
    rowsOf(rows).forEach((row, place) => {
      if (row.matches(".is-pair")) return;
      row.setAttribute("aria-label", `Entry ${place + 1}`);
      row.querySelector(":scope > [data-remove]")?.setAttribute("aria-label", `Remove entry ${place + 1}`);
    });
  };

  const addAndFocus = (rows) => {
    add(rows, (row) => {
      focusIn(row);
      touched(rows);
    });
  };

  const removeRow = (row) => {
    const rows = row.parentElement;
    const place = rowsOf(rows).indexOf(row);
    row.remove();
    relabel(rows);
    const next = rowsOf(rows)[place] ?? rowsOf(rows)[place - 1];
    if (!next || !focusIn(next)) rows.querySelector(":scope > [data-add]").focus();
    touched(rows);
  };

  // Tags. The last one is empty and waits.

  const tagsOf = (tag) => [...tag.parentElement.children].filter((each) => each.matches(".parameter-tag"));
  const inputOf = (tag) => tag.querySelector("input");

  // The empty tag at the end became one: give it its cross, and put another empty one after it.
  const grow = (input) => {
    const tag = input.closest(".parameter-tag.is-next");
    if (!tag || input.value === "") return;
    const next = tag.cloneNode(true);
    tag.classList.remove("is-next");
    const blank = inputOf(next);
    blank.value = "";
    blank.placeholder = "add…";
    input.placeholder = "";
    tag.after(next);
    name(tag);
  };

  const name = (tag) => {
    const { value } = inputOf(tag);
    tag.querySelector("[data-remove]").setAttribute("aria-label", value ? `Remove ${value}` : "Remove this entry");
  };

  const toEnd = (input) => {
    input.focus();
    input.setSelectionRange(input.value.length, input.value.length);
  };

  const removeTag = (tag, back) => {
    const all = tagsOf(tag);
    const place = all.indexOf(tag);
    const next = back && place > 0 ? all[place - 1] : all[place + 1];
    const rows = tag.parentElement;
    toEnd(inputOf(next));
    tag.remove();
    touched(rows);
  };

  document.addEventListener("input", (event) => {
    const tag = event.target.closest?.("[data-parameters] .parameter-tag");
    if (!tag) return;
    grow(event.target);
    name(tag);
  }, true);

  // A list that was copied line by line becomes as many tags.
  document.addEventListener("paste", (event) => {
    const tag = event.target.closest?.("[data-parameters] .parameter-tag.is-next");
    const lines = event.clipboardData?.getData("text").split(/\r?\n/).filter(Boolean) ?? [];
    if (!tag || lines.length < 2) return;
    event.preventDefault();
    const rows = tag.parentElement;
    for (const line of lines) {
      const input = rows.querySelector(".is-next input");
      input.value = line;
      grow(input);
    }
    rows.querySelector(".is-next input").focus();
    touched(rows);
  });

  document.addEventListener("focusout", (event) => {
    const tag = event.target.closest?.("[data-parameters] .parameter-tag:not(.is-next)");
    if (tag && event.target.matches("input") && event.target.value === "" && !tag.contains(event.relatedTarget)) {
      tag.remove();
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add], [data-remove]");
    if (!button?.closest("[data-parameters]")) return;
    if (button.matches("[data-add]")) addAndFocus(button.closest("[data-rows]"));
    else if (button.closest(".parameter-tag")) removeTag(button.closest(".parameter-tag"), false);
    else removeRow(button.closest("[data-row]"));
  });

  document.addEventListener("parameters:reset", (event) => {
    for (const row of event.target.querySelectorAll("[data-row], .parameter-tag:not(.is-next)")) row.remove();
    for (const next of event.target.querySelectorAll(".is-next input")) next.placeholder = "not sent";
    for (const rows of event.target.querySelectorAll("[data-rows]")) {
      if (rows.querySelector(":scope > template")?.content.querySelector(".is-pair")) add(rows);
    }
  });

  const onEnter = (input) => {
    const tag = input.closest(".parameter-tag:not(.is-next)");
    const row = input.closest(".is-pair");
    if (tag) inputOf(tag.parentElement.querySelector(".is-next")).focus();
    else if (row) {
      const boxes = [...row.querySelectorAll(FIRST)];
      const next = boxes[boxes.indexOf(input) + 1];
      if (next) next.focus();
      else if (row.nextElementSibling.matches("[data-row]")) focusIn(row.nextElementSibling);
      else if (boxes[0].value !== "") addAndFocus(row.parentElement);
    }
  };

  const onTagKey = (event, tag) => {
    const input = event.target;
    const all = tagsOf(tag);
    const place = all.indexOf(tag);
    const atStart = input.selectionStart === 0 && input.selectionEnd === 0;
    const atEnd = input.selectionStart === input.value.length;
    if (event.key === "Backspace" && input.value === "") {
      event.preventDefault();
      if (!tag.matches(".is-next")) removeTag(tag, true);
      else if (place > 0) toEnd(inputOf(all[place - 1]));
    } else if (event.key === "ArrowLeft" && atStart && place > 0) {
      event.preventDefault();
      toEnd(inputOf(all[place - 1]));
    } else if (event.key === "ArrowRight" && atEnd && place < all.length - 1) {
      event.preventDefault();
      inputOf(all[place + 1]).focus();
      inputOf(all[place + 1]).setSelectionRange(0, 0);
    }
  };

  // These inputs belong to the composer's form, and Enter in one would send the prompt.
  document.addEventListener("keydown", (event) => {
    const control = event.target;
    if (!control.matches?.("[data-parameters] input") || event.isComposing) return;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      onEnter(control);
      return;
    }
    const tag = control.closest(".parameter-tag");
    if (tag) onTagKey(event, tag);
  });
})();
