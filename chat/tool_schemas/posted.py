"""Rows as a form posts them, and the changes of their buttons.

A row posts under the name of its place: ``r.0`` is the first property, ``r.0.1`` the second one of that
object, and ``r.0.i`` the item of that array. Its fields are ``.kind``, ``.name``, ``.required``, ``.null``,
``.description``, ``.values``, ``.closed``, ``.rest`` and ``.json``. ``.was`` is the kind that the page had.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chat.tool_schemas.rows import (
    ANY,
    ARRAY,
    JSON,
    LISTED,
    MAX_LEVEL,
    OBJECT,
    TYPES,
    Row,
    read_row,
    write_row,
)
from playground.parameters.form.parsing import EntryError, parse_json, parse_number, parse_object

ROOT = "r"
_ITEM = "i"


@dataclass(slots=True)
class PostedRows:
    root: Row
    # A sentence for each place that cannot be written.
    errors: dict[str, str] = field(default_factory=dict)
    # Texts that could not be parsed, by the name of their field, so that a page shows them again.
    texts: dict[str, str] = field(default_factory=dict)


def read_rows(data: Mapping[str, Any]) -> PostedRows:
    """Read all rows of a form. What cannot be parsed is in ``errors``, and its row is as far as it can be."""
    found = PostedRows(Row(OBJECT))
    if data.get(f"{ROOT}.kind") == JSON:
        # The schema as a whole is JSON, and the box of the page has it.
        found.root = Row(JSON)
        return found
    found.root = _Reader(data, found).row(ROOT, 0)
    return found


class _Reader:
    def __init__(self, data: Mapping[str, Any], found: PostedRows) -> None:
        self._data = data
        self._found = found
        self._indices: dict[str, set[int]] = {}
        for name in data:
            place, _, last = name.rpartition(".")
            around, _, index = place.rpartition(".")
            if last == "kind" and index.isascii() and index.isdigit() and len(index) < 5:
                self._indices.setdefault(around, set()).add(int(index))

    def row(self, place: str, level: int) -> Row:
        kind, was = self._text(place, "kind"), self._text(place, "was")
        kind = kind if kind in (*TYPES, ANY, JSON) else ANY
        row = self._plain(place, was or kind, level)
        return row if row.kind == kind else _turned(row, kind, level)

    def _plain(self, place: str, kind: str, level: int) -> Row:
        row = Row(
            kind,
            self._text(place, "name").strip(),
            is_required=self._is_on(place, "required"),
            is_nullable=self._is_on(place, "null") and kind not in (ANY, JSON),
            description=self._text(place, "description"),
        )
        if kind == JSON:
            return replace(row, description="", value=self._parsed(place, "json", parse_json, {}))
        rest = self._parsed(place, "rest", lambda text: parse_object(text, deepest=40), {})
        row = replace(row, rest=self._without_own(place, rest, row))
        if kind in LISTED:
            row = replace(row, values=self._values(place, kind))
        if kind == ARRAY and level < MAX_LEVEL and f"{place}.{_ITEM}.kind" in self._data:
            row = replace(row, item=self.row(f"{place}.{_ITEM}", level + 1))
        if kind == OBJECT:
            row = replace(row, rows=self._children(place, level), is_closed=self._is_on(place, "closed"))
        return row

    def _children(self, place: str, level: int) -> tuple[Row, ...]:
        if level >= MAX_LEVEL:
            return ()
        names: set[str] = set()
        rows = []
        for index in sorted(self._indices.get(place, ())):
            row = self.row(f"{place}.{index}", level + 1)
            if row.name and row.name in names:
                self._found.errors[f"{place}.{index}"] = f"Two rows are called “{row.name}”. Rename one."
            elif not row.name and not is_blank(row):
                self._found.errors[f"{place}.{index}"] = "Give this row a name, or remove it."
            names.add(row.name)
            rows.append(row)
        return tuple(rows)

    def _values(self, place: str, kind: str) -> tuple[str | int | float, ...]:
        lines = [line.strip() for line in self._text(place, "values").splitlines() if line.strip()]
        if kind == "string":
            return tuple(dict.fromkeys(lines))
        try:
            return tuple(dict.fromkeys(parse_number(line, is_integer=kind == "integer") for line in lines))
        except EntryError:
            what = "whole numbers" if kind == "integer" else "numbers"
            self._found.errors[place] = f"The allowed values must be {what}, one in each line."
            self._found.texts[f"{place}.values"] = self._text(place, "values")
            return ()

    def _without_own(self, place: str, rest: dict[str, Any], row: Row) -> dict[str, Any]:
        """Refuse keywords that the row itself has a place for."""
        own = {"type", "description"} | ({"properties"} if row.kind == OBJECT else set())
        if taken := sorted(own & rest.keys()):
            self._found.errors[place] = f"“{taken[0]}” has a place in the row. Remove it from the JSON."
            self._found.texts[f"{place}.rest"] = self._text(place, "rest")
            return {name: value for name, value in rest.items() if name not in own}
        return rest

    def _parsed(self, place: str, name: str, parse: Callable[[str], Any], default: Any) -> Any:
        text = self._text(place, name)
        if not text.strip():
            return default
        try:
            return parse(text)
        except EntryError as error:
            self._found.errors[place] = str(error)
            self._found.texts[f"{place}.{name}"] = text
            return default

    def _text(self, place: str, name: str) -> str:
        return str(self._data.get(f"{place}.{name}", "")).replace("\r\n", "\n")

    def _is_on(self, place: str, name: str) -> bool:
        return bool(self._data.get(f"{place}.{name}"))


def is_blank(row: Row) -> bool:
    """Tell whether nothing was filled in in a row."""
    return not (
        row.name or row.description or row.values or row.rest or row.rows or (row.kind == JSON and row.value)
    )


def _turned(row: Row, kind: str, level: int) -> Row:
    """Return a row with another kind, and as much of its content as the kind has a place for."""
    if kind == JSON:
        return Row(JSON, row.name, row.is_required, value=write_row(row))
    if row.kind == JSON:
        read = read_row(row.value, level, row.name, is_required=row.is_required)
        if read.kind == kind:
            return read
        said = row.value.get("description") if isinstance(row.value, dict) else ""
        row = Row(JSON, row.name, row.is_required, description=said if isinstance(said, str) else "")
    item = Row() if kind == ARRAY and level < MAX_LEVEL else None
    is_nullable = row.is_nullable and kind != ANY
    return Row(kind, row.name, row.is_required, is_nullable, row.description, item=item)


def act(root: Row, action: str) -> tuple[Row, str]:
    """Apply a button, ``add:r.0`` for example, and return the rows and the place that the focus goes to.

    The actions are add, remove, up and down. One that leads nowhere changes nothing.
    """
    verb, _, place = action.partition(":")
    steps = place.split(".")[1:]
    if verb == "add":
        inside = _at(root, steps)
        if inside is None or inside.kind != OBJECT:
            return root, ""
        return _changed(root, steps, lambda rows: (*rows, Row())), f"{place}.{len(inside.rows)}"
    around = _at(root, steps[:-1]) if steps else None
    if around is None or not steps[-1].isdecimal() or int(steps[-1]) >= len(around.rows):
        return root, ""
    index, outer = int(steps[-1]), place.rpartition(".")[0]
    if verb == "remove":
        left = len(around.rows) - 1
        changed = _changed(root, steps[:-1], lambda rows: (*rows[:index], *rows[index + 1 :]))
        return changed, f"{outer}.{min(index, left - 1)}" if left else outer
    to = index + {"up": -1, "down": 1}.get(verb, 0)
    if not 0 <= to < len(around.rows):
        return root, place
    return _changed(root, steps[:-1], lambda rows: _moved(rows, index, to)), f"{outer}.{to}"


def _moved(rows: tuple[Row, ...], index: int, to: int) -> tuple[Row, ...]:
    others = [*rows[:index], *rows[index + 1 :]]
    others.insert(to, rows[index])
    return tuple(others)


def _at(row: Row, steps: list[str]) -> Row | None:
    for step in steps:
        if step == _ITEM and row.item is not None:
            row = row.item
        elif step.isdecimal() and len(step) < 5 and int(step) < len(row.rows):
            row = row.rows[int(step)]
        else:
            return None
    return row


def _changed(row: Row, steps: list[str], change: Callable[[tuple[Row, ...]], tuple[Row, ...]]) -> Row:
    if not steps:
        return replace(row, rows=change(row.rows))
    first, inner = steps[0], steps[1:]
    if first == _ITEM and row.item is not None:
        return replace(row, item=_changed(row.item, inner, change))
    index = int(first)
    rows = list(row.rows)
    rows[index] = _changed(rows[index], inner, change)
    return replace(row, rows=tuple(rows))


def values_text(row: Row) -> str:
    """Return the allowed values as the box of a row has them, one in each line."""
    return "\n".join(value if isinstance(value, str) else json.dumps(value) for value in row.values)
