"""Entries to the values that they express. Each error is left at the control that it concerns."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from playground.parameters.form.entry import MAX_ITEMS, NULL_TOKEN, Entry
from playground.parameters.form.escapes import unescape
from playground.parameters.form.parsing import EntryError, parse_json, parse_number, parse_text
from playground.parameters.schema.dates import from_input
from playground.parameters.schema.spec import UNSET, Kind

UNKNOWN_CHOICE = "Choose one of the listed values."
MISSING = "Required."


def value_of(entry: Entry, *, is_chosen: bool = False) -> Any:
    """Read the value of an entry without checking it against the schema.

    :param is_chosen: the user chose the object or list itself, so it is sent even when empty.
    """
    try:
        if entry.is_json:
            return parse_json(entry.json_text) if entry.json_text.strip() else UNSET
        if entry.is_null:
            return _null(entry)
        return _READERS[entry.spec.kind](entry, is_chosen or "set" in entry.states)
    except EntryError as refusal:
        entry.errors.append(str(refusal))
        return UNSET


def _null(entry: Entry) -> Any:
    if not entry.spec.is_nullable:
        raise EntryError("Cannot be null.")
    return None


def _number(entry: Entry, is_chosen: bool) -> Any:
    if not entry.text.strip():
        return UNSET
    return parse_number(entry.text, is_integer=entry.spec.kind is Kind.INTEGER)


def _string(entry: Entry, is_chosen: bool) -> Any:
    return parse_text(entry.text) if entry.text else UNSET


def _date(entry: Entry, is_chosen: bool) -> Any:
    return parse_text(from_input(entry.text, entry.spec.date_format)) if entry.text else UNSET


def _json(entry: Entry, is_chosen: bool) -> Any:
    return parse_json(entry.text) if entry.text.strip() else UNSET


def _choice(entry: Entry, is_chosen: bool) -> Any:
    if not entry.text:
        return UNSET
    if entry.text == NULL_TOKEN:
        return _null(entry)
    return _option_value(entry, entry.text)


def _option_value(entry: Entry, token: str) -> Any:
    options = entry.spec.options or (entry.spec.item.options if entry.spec.item else ())
    for option in options:
        if option.token == token:
            return copy.deepcopy(option.value)
    raise EntryError(UNKNOWN_CHOICE)


def _checks(entry: Entry, is_chosen: bool) -> Any:
    _refuse_excess(entry.texts)
    values = [_option_value(entry, token) for token in entry.texts]
    return values if values or is_chosen else UNSET


def _tags(entry: Entry, is_chosen: bool) -> Any:
    _refuse_excess(entry.texts)
    kind = entry.spec.each.kind
    if kind is Kind.STRING:
        values: list[Any] = [parse_text(unescape(text)) for text in entry.texts]
    else:
        values = [parse_number(text, is_integer=kind is Kind.INTEGER) for text in entry.texts]
    if "bare" in entry.states and entry.spec.takes_bare_item and len(values) == 1:
        return values[0]
    return values if values or is_chosen else UNSET


def _object(entry: Entry, is_chosen: bool) -> Any:
    values = {name: value_of(child) for name, child in entry.children.items()}
    sent = {name: value for name, value in values.items() if value is not UNSET}
    # A control with an error counts as filled in, so that its message is shown.
    if not (sent or is_chosen or any(child.has_errors for child in entry.children.values())):
        return UNSET
    for child in entry.children.values():
        if child.spec.is_required and values[child.spec.name] is UNSET and not child.has_errors:
            # A required group counts as chosen, so that "Required." appears at its parts.
            value = value_of(child, is_chosen=True)
            if value is not UNSET:
                sent[child.spec.name] = value
            elif not child.has_errors:
                child.errors.append(MISSING)
    return {**copy.deepcopy(entry.spec.constants), **sent}


def _tuple(entry: Entry, is_chosen: bool) -> Any:
    """Return the parts up to the last one that is filled in; all before it are required."""
    parts = list(entry.children.values())
    values = [value_of(part) for part in parts]
    used = [index for index, part in enumerate(parts) if values[index] is not UNSET or part.has_errors]
    if not used and not is_chosen:
        return UNSET
    length = max(
        [used[-1] + 1 if used else 0, *(i for i, part in enumerate(parts, 1) if part.spec.is_required)]
    )
    for index, part in enumerate(parts[:length]):
        if values[index] is UNSET and not part.has_errors:
            values[index] = value_of(part, is_chosen=True)
        if values[index] is UNSET and not part.has_errors:
            part.errors.append(MISSING)
    return values[:length]


def _map(entry: Entry, is_chosen: bool) -> Any:
    _refuse_excess(entry.items)
    result: dict[str, Any] = {}
    for row in entry.items:
        key, value = parse_text(unescape(row.key)), value_of(row)
        if value is UNSET:
            if key and not row.has_errors:
                row.errors.append(MISSING)
        elif not key:
            row.errors.append("Enter a key.")
        elif key in result:
            row.errors.append("This key appears twice.")
        else:
            result[key] = value
    return result if result or is_chosen else UNSET


def _array(entry: Entry, is_chosen: bool) -> Any:
    _refuse_excess(entry.items)
    values = []
    for item in entry.items:
        value = value_of(item, is_chosen=True)
        if value is UNSET and not item.has_errors:
            item.errors.append(MISSING)
        values.append(value)
    return values if values or is_chosen else UNSET


def _alternatives(entry: Entry, is_chosen: bool) -> Any:
    if not entry.text:
        return UNSET
    if entry.text == NULL_TOKEN:
        return _null(entry)
    for branch in entry.spec.branches:
        if branch.token != entry.text:
            continue
        if branch.spec is None:
            return copy.deepcopy(branch.value)
        child = entry.children[branch.token]
        value = value_of(child, is_chosen=True)
        if value is UNSET and not child.has_errors:
            child.errors.append(MISSING)
        return value
    raise EntryError(UNKNOWN_CHOICE)


def _refuse_excess(items: list[Any]) -> None:
    if len(items) > MAX_ITEMS:
        raise EntryError(f"Must have at most {MAX_ITEMS} entries.")


_READERS: dict[Kind, Callable[[Entry, bool], Any]] = {
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
