"""Specifications of parameters without parts: a number, a text, one of several constants, JSON."""

from __future__ import annotations

from typing import Any

from playground.parameters.schema import bounds
from playground.parameters.schema.dates import date_format
from playground.parameters.schema.options import options_for
from playground.parameters.schema.spec import Kind, ParameterSpec
from playground.parameters.schema.translate import Schema

# The limits of a helpful list of options. Longer values are typed instead.
MAX_OPTIONS = 400
MAX_OPTION_LENGTH = 1_000


def number(name: str, schema: Schema, *, is_integer: bool) -> ParameterSpec:
    span = bounds.number_range(schema, is_integer=is_integer)
    return ParameterSpec(
        name,
        Kind.INTEGER if is_integer else Kind.NUMBER,
        schema,
        minimum=span.lowest,
        maximum=span.highest,
        is_above_minimum=span.is_above,
        is_below_maximum=span.is_below,
        step=schema.get("multipleOf"),
        bounds=bounds.number_bounds(schema, is_integer=is_integer),
    )


def text(name: str, schema: Schema) -> ParameterSpec:
    if form := date_format(schema):
        return ParameterSpec(name, Kind.DATE, schema, bounds="date", date_format=form)
    return ParameterSpec(name, Kind.STRING, schema, bounds=bounds.text_bounds(schema))


def choice(name: str, schema: Schema, constants: list[Any]) -> ParameterSpec:
    values = [value for value in constants if value is not None]
    texts = [value for value in values if isinstance(value, str)]
    is_too_much = len(values) > MAX_OPTIONS or any(len(text) > MAX_OPTION_LENGTH for text in texts)
    if is_too_much and len(texts) == len(values):
        return ParameterSpec(name, Kind.STRING, schema, bounds=f"one of {len(values):,} values")
    options = () if is_too_much else options_for(values)
    if not options:
        return json_editor(name, schema)
    return ParameterSpec(name, Kind.CHOICE, schema, options=options)


def json_editor(name: str, schema: Schema) -> ParameterSpec:
    return ParameterSpec(name, Kind.JSON, schema, bounds="JSON")
