"""Stored values to the entries that would post them again.

Values that no control can express, such as an empty list or a property that the schema does not name, are
shown as JSON. So loading a form and sending it never changes a value.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playground.parameters.form.entry import NULL_TOKEN, Entry, branch_name, child_name
from playground.parameters.form.entry_to_value import value_of
from playground.parameters.form.escapes import escape
from playground.parameters.form.parsing import EntryError, parse_json
from playground.parameters.schema.dates import is_input, to_input
from playground.parameters.schema.equality import is_same
from playground.parameters.schema.spec import UNSET, Branch, Kind, Option, ParameterSpec

# The state that a page posts when a user returns from the JSON editor to the controls.
FROM_JSON = "from-json"


def entry_of(spec: ParameterSpec, name: str, value: Any = UNSET) -> Entry:
    """Return the form's entry for ``value``; without a value, that of a parameter that is not sent."""
    if value is UNSET:
        return _blank(spec, name)
    entry = _filled(spec, name, value)
    if entry is None or not is_same(value_of(entry), value):
        entry = _blank(spec, name)
        entry.states = frozenset({"json"})
        entry.json_text = json.dumps(value, ensure_ascii=False, indent=2)
    entry.value = value
    return entry


def back_to_controls(entry: Entry) -> Entry:
    """Move a value that was written as JSON back to the parameter's controls."""
    try:
        value = parse_json(entry.json_text) if entry.json_text.strip() else UNSET
    except EntryError:
        # The text is not JSON yet. It stays in the editor, and cleaning reports the error.
        entry.states = frozenset({"json"})
        return entry
    return entry_of(entry.spec, entry.name, value)


def _blank(spec: ParameterSpec, name: str) -> Entry:
    entry = Entry(spec, name)
    for child in spec.children:
        entry.children[child.name] = _blank(child, child_name(name, child))
    for branch in spec.branches:
        if branch.spec is not None:
            entry.children[branch.token] = _blank(branch.spec, branch_name(name, branch))
    return entry


def _filled(spec: ParameterSpec, name: str, value: Any) -> Entry | None:
    """Fill the controls; return None if they cannot express the value."""
    entry = _blank(spec, name)
    if value is None and spec.kind is not Kind.JSON:
        if spec.kind in (Kind.CHOICE, Kind.ALTERNATIVES):
            entry.text = NULL_TOKEN
        else:
            entry.states = frozenset({"null"})
        return entry if spec.is_nullable else None
    return entry if _FILLERS[spec.kind](entry, value) else None


def _number(entry: Entry, value: Any) -> bool:
    entry.text = _written(value)
    return isinstance(value, int | float)


def _written(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _string(entry: Entry, value: Any) -> bool:
    entry.text = str(value)
    # Browsers change carriage returns in a text area.
    return isinstance(value, str) and "\r" not in value


def _date(entry: Entry, value: Any) -> bool:
    entry.text = to_input(value, entry.spec.date_format) if isinstance(value, str) else ""
    # A text that is no date needs a text input, which holds one line.
    return is_input(entry.text) or (isinstance(value, str) and value.isprintable())


def _json(entry: Entry, value: Any) -> bool:
    entry.text = json.dumps(value, ensure_ascii=False, indent=2)
    return True


def _choice(entry: Entry, value: Any) -> bool:
    entry.text = _token(entry.spec.options, value)
    return bool(entry.text)


def _token(options: tuple[Option, ...], value: Any) -> str:
    return next((option.token for option in options if is_same(option.value, value)), "")


def _checks(entry: Entry, value: Any) -> bool:
    if not isinstance(value, list):
        return False
    options = entry.spec.each.options
    entry.texts = [_token(options, item) for item in value]
    # Checkboxes cannot express another order or a repetition.
    listed = [option.token for option in options if option.token in entry.texts]
    return bool(value) and entry.texts == listed


def _tags(entry: Entry, value: Any) -> bool:
    if entry.spec.takes_bare_item and isinstance(value, str):
        entry.states = frozenset({"bare"})
        value = [value]
    if not isinstance(value, list) or any(isinstance(item, bool) for item in value):
        return False
    entry.texts = [escape(item) if isinstance(item, str) else _written(item) for item in value]
    return all(entry.texts)


def _object(entry: Entry, value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    for child in entry.spec.children:
        if child.name in value:
            filled = _filled(child, child_name(entry.name, child), value[child.name])
            if filled is None:
                return False
            entry.children[child.name] = filled
    if entry.spec.needs_switch:
        entry.states = frozenset({"set"})
    return True


def _tuple(entry: Entry, value: Any) -> bool:
    if not isinstance(value, list) or len(value) > len(entry.spec.children):
        return False
    for part, item in zip(entry.spec.children, value, strict=False):
        filled = _filled(part, child_name(entry.name, part), item)
        if filled is None:
            return False
        entry.children[part.name] = filled
    return True


def _map(entry: Entry, value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    for index, (key, item) in enumerate(value.items()):
        row = _filled(entry.spec.each, f"{entry.name}.{index}.value", item)
        if row is None:
            return False
        row.key = escape(key)
        entry.items.append(row)
    return True


def _array(entry: Entry, value: Any) -> bool:
    if not isinstance(value, list):
        return False
    filled = [_filled(entry.spec.each, f"{entry.name}.{index}", item) for index, item in enumerate(value)]
    entry.items = [item for item in filled if item is not None]
    return len(entry.items) == len(value)


def _alternatives(entry: Entry, value: Any) -> bool:
    return any(_try_branch(entry, branch, value) for branch in entry.spec.branches)


def _try_branch(entry: Entry, branch: Branch, value: Any) -> bool:
    entry.text = branch.token
    if branch.spec is None:
        return is_same(branch.value, value)
    filled = _filled(branch.spec, branch_name(entry.name, branch), value)
    if filled is None:
        return False
    previous, entry.children[branch.token] = entry.children[branch.token], filled
    # The right branch is the one that returns the same value.
    if is_same(value_of(filled, is_chosen=True), value) and not filled.has_errors:
        return True
    entry.children[branch.token] = previous
    return False


_FILLERS: dict[Kind, Callable[[Entry, Any], bool]] = {
    Kind.NUMBER: _number,
    Kind.INTEGER: _number,
    Kind.STRING: _string,
    Kind.JSON: _json,
    Kind.CHOICE: _choice,
    Kind.CHECKS: _checks,
    Kind.TAGS: _tags,
    Kind.DATE: _date,
    Kind.OBJECT: _object,
    Kind.TUPLE: _tuple,
    Kind.MAP: _map,
    Kind.ARRAY: _array,
    Kind.ALTERNATIVES: _alternatives,
}
