"""The rows of a schema as a page shows them, with the names of their fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.tool_schemas.posted import ROOT, PostedRows, values_text
from chat.tool_schemas.reading import written
from chat.tool_schemas.rows import ANY, ARRAY, JSON, LISTED, MAX_LEVEL, OBJECT, TYPES, Row

if TYPE_CHECKING:
    from chat.tool_schemas.editing import Editor

KINDS = (*((kind, kind) for kind in TYPES), (ANY, "anything"), (JSON, "in JSON"))


@dataclass(frozen=True, slots=True)
class RowView:
    """A row, and its fields under the names that ``chat.tool_schemas.posted`` reads."""

    row: Row
    place: str
    posted: PostedRows
    focus: str = ""

    @property
    def id(self) -> str:
        return self.place.replace(".", "-")

    @property
    def is_root(self) -> bool:
        return self.place == ROOT

    @property
    def is_item(self) -> bool:
        return self.place.endswith(".i")

    @property
    def has_focus(self) -> bool:
        return self.place == self.focus

    @property
    def label(self) -> str:
        return f"“{self.row.name}”" if self.row.name else "the items" if self.is_item else "the new row"

    @property
    def error(self) -> str:
        return self.posted.errors.get(self.place, "")

    @property
    def is_json(self) -> bool:
        return self.row.kind == JSON

    @property
    def is_object(self) -> bool:
        return self.row.kind == OBJECT

    @property
    def may_be_null(self) -> bool:
        return self.row.kind in TYPES

    @property
    def is_listed(self) -> bool:
        return self.row.kind in LISTED

    @property
    def can_nest(self) -> bool:
        return self.is_object and self.place.count(".") < MAX_LEVEL

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        return KINDS

    @property
    def values(self) -> str:
        return self.posted.texts.get(f"{self.place}.values", values_text(self.row))

    @property
    def rest(self) -> str:
        text = json.dumps(self.row.rest, ensure_ascii=False) if self.row.rest else ""
        return self.posted.texts.get(f"{self.place}.rest", text)

    @property
    def json(self) -> str:
        return self.posted.texts.get(f"{self.place}.json", written(self.row.value))

    @property
    def has_more(self) -> bool:
        """Whether the row has content in the part that is folded otherwise."""
        return bool(self.values or self.rest or self.error)

    @property
    def children(self) -> Iterator[RowView]:
        for index, child in enumerate(self.row.rows):
            yield RowView(child, f"{self.place}.{index}", self.posted, self.focus)

    @property
    def item(self) -> RowView | None:
        if self.row.kind != ARRAY or self.place.count(".") >= MAX_LEVEL:
            return None
        return RowView(self.row.item or Row(ANY), f"{self.place}.i", self.posted, self.focus)


def root_view(editor: Editor) -> RowView:
    return RowView(editor.rows.root, ROOT, editor.rows, editor.focus)


def fields_of(root: Row) -> dict[str, str]:
    """Return what a page with these rows posts."""
    return dict(_fields(RowView(root, ROOT, PostedRows(root))))


def _fields(view: RowView) -> Iterator[tuple[str, str]]:
    row, place = view.row, view.place
    yield f"{place}.kind", row.kind
    yield f"{place}.was", row.kind
    yield f"{place}.name", row.name
    ticks = {"required": row.is_required, "null": row.is_nullable, "closed": row.is_closed}
    yield from ((f"{place}.{name}", "on") for name, is_on in ticks.items() if is_on)
    if view.is_json:
        yield f"{place}.json", view.json
        return
    yield f"{place}.description", row.description
    yield f"{place}.rest", view.rest
    if view.is_listed:
        yield f"{place}.values", view.values
    for child in view.children:
        yield from _fields(child)
    if view.item is not None:
        yield from _fields(view.item)
