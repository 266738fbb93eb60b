"""Entries to HTML, with one small template for each kind of control.

The HTML of an untouched control is the same for every user and is cached, so the cost of rendering a form
depends on what was changed in it. ``controls.Control.template`` chooses the template of a kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from playground.parameters.form.controls import Control
from playground.parameters.form.entry import Entry
from playground.parameters.form.entry_from_value import entry_of
from playground.parameters.schema.spec import Kind, ParameterSpec

# The page fetches a part with more controls than this when it is needed. See ``parts``.
INLINE_SIZE = 12


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A row of a repeatable control. In the pattern for new rows the index is a mark."""

    html: SafeString
    name: str
    index: str
    key: str = ""

    @property
    def number(self) -> str:
        """The row number for people, counted from one; the page numbers new rows."""
        return str(int(self.index) + 1) if self.index.isdigit() else ""


class RenderedControl(Control):
    """A control with the HTML of the parts inside it."""

    @property
    def widget(self) -> SafeString:
        return render_to_string(self.template, {"control": self})

    @property
    def branches(self) -> Iterator[dict[str, Any]]:
        for branch in self.spec.branches:
            if branch.spec is not None:
                entry = self.entry.children[branch.token]
                is_away = (
                    entry.is_blank and branch.spec.size > INLINE_SIZE and branch.token != self.entry.text
                )
                html = "" if is_away else field_html(entry, is_bare=True)
                part = entry.name if is_away else ""
                yield {"token": branch.token, "label": branch.label, "html": html, "part": part}

    @property
    def children(self) -> Iterator[SafeString]:
        parts = list(self.entry.children.values())
        if self.spec.kind is not Kind.TUPLE:
            # Required parts come first, in any order of the document.
            parts.sort(key=lambda part: not part.spec.is_required)
        for child in parts:
            yield field_html(child)

    @property
    def rows(self) -> Iterator[ItemRow]:
        for position, item in enumerate(self.entry.items):
            # Rows are numbered again, so that a removed one leaves no gap.
            yield self._row(item, self._index_of(item) or str(position))
        if self.spec.kind is Kind.MAP:
            yield self._row(None, str(self._next_index()))

    @property
    def pattern(self) -> ItemRow | None:
        """A blank row whose index is a mark, which differs from the marks of the lists around it.

        None if rows are so large that the page fetches them.
        """
        if self.spec.kind is Kind.ARRAY and self.spec.each.size > INLINE_SIZE:
            return None
        return self._row(None, f"__{self.entry.name.count('__') // 2}__")

    def _row(self, item: Entry | None, index: str) -> ItemRow:
        name = f"{self.entry.name}.{index}"
        if item is None and self.spec.kind is Kind.MAP:
            return ItemRow(field_html(entry_of(self.spec.each, f"{name}.value"), is_bare=True), name, index)
        if item is None:
            return ItemRow(new_item_html(self.spec.each, name), name, index)
        return ItemRow(field_html(item, is_bare=True), name, index, item.key)

    def _index_of(self, item: Entry) -> str:
        return item.name[len(self.entry.name) + 1 :].split(".", 1)[0]

    def _next_index(self) -> int:
        return max((int(self._index_of(item)) for item in self.entry.items), default=-1) + 1


def parameter_html(entry: Entry, *, is_sent: bool, warning: str = "") -> SafeString:
    """Render a whole parameter."""
    if entry.is_blank and not is_sent and not warning:
        return _blank_html(entry.spec, entry.name, is_bare=False)
    return _render(RenderedControl(entry, is_sent=is_sent, warning=warning))


@lru_cache(maxsize=1024)
def new_item_html(spec: ParameterSpec, name: str) -> SafeString:
    """Render a new entry of a list, with the first alternative chosen if there are several."""
    entry = entry_of(spec, name)
    if spec.kind is Kind.ALTERNATIVES:
        entry.text = spec.branches[0].token
    return field_html(entry, is_bare=True)


def field_html(entry: Entry, *, is_bare: bool = False) -> SafeString:
    """Render a part of a parameter."""
    if entry.is_blank:
        return _blank_html(entry.spec, entry.name, is_bare=is_bare)
    return _render(RenderedControl(entry, is_bare=is_bare))


@lru_cache(maxsize=8192)
def _blank_html(spec: ParameterSpec, name: str, *, is_bare: bool) -> SafeString:
    return _render(RenderedControl(entry_of(spec, name), is_bare=is_bare))


def _render(control: RenderedControl) -> SafeString:
    html = render_to_string("playground/parameters/field.html", {"control": control})
    return mark_safe(html)  # noqa: S308 - the template has escaped its context
