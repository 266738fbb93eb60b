"""Entries to valid values: the schema checks them, and each error goes to the control that it concerns."""

from __future__ import annotations

from typing import Any

from playground.parameters.form.entry import Entry
from playground.parameters.form.entry_to_value import value_of
from playground.parameters.form.escapes import unescape
from playground.parameters.schema.dates import example
from playground.parameters.schema.spec import UNSET, Kind
from playground.parameters.schema.validation import Path, Validator, find_errors


def clean(entry: Entry, validator: Validator) -> Any:
    """Return the parameter's value, UNSET if it is not sent. Errors are in ``entry.has_errors``."""
    value = value_of(entry)
    if value is UNSET or entry.has_errors:
        return value
    _check_maximum(entry, value)
    for path, message in find_errors(validator, value):
        attach_error(entry, path, message)
    entry.value = value
    return value


def _check_maximum(entry: Entry, value: Any) -> None:
    """Check the model's own limit, which its schema does not state, such as an output length."""
    limit = entry.spec.limit
    if limit is not None and isinstance(value, int | float) and value > limit:
        entry.errors.append(f"Must be at most {limit:,}.")


def attach_error(entry: Entry, path: Path, message: str) -> None:
    """Add the message to the innermost control that the path leads to."""
    place, rest = entry, list(path)
    while rest and not place.is_json:
        inner = _inner(place, rest[0])
        if inner is None:
            break
        # The fields of an alternative are one level deeper on the page than in the value.
        if place.spec.kind is not Kind.ALTERNATIVES:
            rest.pop(0)
        place = inner
    if place.spec.kind is Kind.DATE and not place.is_json:
        # The validator would quote a regular expression.
        message = f"Must be a date, written as {example(place.spec.date_format)}."
    where = ".".join(str(part) for part in rest)
    text = f"{where}: {message}" if where else message
    if text not in place.errors:
        place.errors.append(text)


def _inner(entry: Entry, key: str | int) -> Entry | None:
    if entry.spec.kind is Kind.ALTERNATIVES:
        return entry.children.get(entry.text)
    # The validator turns keys that look like numbers into numbers, in objects too, hence str(key).
    if entry.spec.kind is Kind.MAP:
        return next((row for row in entry.items if unescape(row.key) == str(key)), None)
    if entry.spec.kind is Kind.ARRAY and isinstance(key, int) and key < len(entry.items):
        return entry.items[key]
    if entry.spec.kind is Kind.TUPLE and isinstance(key, int):
        return entry.children.get(str(key + 1))
    return entry.children.get(str(key))
