"""A part of a form, rendered alone: a new row of a list, or the fields of an alternative.

Large parts are not in the page. The page fetches them by their names when it needs them.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from playground.parameters.form.control_html import ItemRow, field_html, new_item_html
from playground.parameters.form.entry import PREFIX, segment
from playground.parameters.form.entry_from_value import entry_of
from playground.parameters.schema.spec import Kind, ParameterSpec

_BRANCH = "as-"
_LONGEST_NAME = 2000
_LONGEST_INDEX = 6


def part_html(specs: Iterable[ParameterSpec], name: str) -> SafeString | None:
    """Render the blank part that posts under ``name``: ``p.tools.2`` or ``p.thinking.as-enabled``.

    Return None if the specs have no entry of a list and no alternative with that name.
    """
    if not name.startswith(PREFIX) or len(name) > _LONGEST_NAME:
        return None
    first, *steps = name.removeprefix(PREFIX).split(".")
    root = _named(specs, first)
    found = _locate(root, steps) if root is not None and steps else None
    if found is None:
        return None
    around, part = found
    if around.kind is Kind.ARRAY:
        row = ItemRow(new_item_html(part, name), name, steps[-1])
        return render_to_string("playground/parameters/array_row.html", {"row": row})
    return field_html(entry_of(part, name), is_bare=True) if around.branches else None


def _locate(around: ParameterSpec, steps: list[str]) -> tuple[ParameterSpec, ParameterSpec] | None:
    """Return the specification at the end of the steps, after the one around it."""
    step, *rest = steps
    part = _inside(around, step)
    if part is None:
        return None
    if around.kind is Kind.MAP:
        # Key and value of a row have names of their own.
        name, *rest = rest or [""]
        if name != "value" or not rest:
            return None
    return _locate(part, rest) if rest else (around, part)


def _inside(spec: ParameterSpec, step: str) -> ParameterSpec | None:
    if spec.kind in (Kind.ARRAY, Kind.MAP):
        is_index = step.isascii() and step.isdigit() and len(step) <= _LONGEST_INDEX
        return spec.each if is_index else None
    if spec.branches:
        return next((branch.spec for branch in spec.branches if step == _BRANCH + branch.token), None)
    return _named(spec.children, step)


def _named(specs: Iterable[ParameterSpec], step: str) -> ParameterSpec | None:
    return next((spec for spec in specs if segment(spec.name) == step), None)
