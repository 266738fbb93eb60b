"""The format of an answer: ``response_format``, ``text.format`` or ``output_config.format``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from playground.upstream.dialects.shared.parameters.renaming import Moved, Place, is_free, put, take, value_at

Json = dict[str, Any]

# OpenAI demands a name for the schema of an answer, and Anthropic has no place for one.
_NAME = "answer"
_SCHEMA = "json_schema"


def move_formats(parameters: Json, offered: Collection[str]) -> Moved:
    """Move the format to the place that the endpoint offers, in the shape that belongs there."""
    for old in _WRITERS:
        found = value_at(parameters, old)
        if old[0] in offered or not isinstance(found, dict):
            continue
        new = next((place for place in _WRITERS if place[0] in offered), None)
        written = _WRITERS[new](_flat(found)) if new is not None else None
        if new is not None and written is not None and is_free(parameters, new):
            take(parameters, old)
            put(parameters, new, written)
            yield old[0], new[0]


def formats_at(parameter: str, found: Json, current: Any = None) -> Iterator[Json]:
    """Yield the values that a parameter may have for a format, the usual shape of its name first.

    :param found: the format as /v1/responses has it, with the fields of the schema beside the type.
    :param current: the value so far, whose other fields stay.
    """
    own = [place for place in _WRITERS if place[0] == parameter]
    field = own[0][1] if own else ""
    around = current if isinstance(current, dict) else {}
    for place in dict.fromkeys((*own, *_WRITERS)):
        written = _WRITERS[place](found)
        if written is not None:
            yield {**around, field: written} if field else written


def _flat(found: Json) -> Json:
    """Return a format as /v1/responses has it, with the fields of the schema beside the type."""
    inner = found.get(_SCHEMA)
    return {"type": found.get("type"), **inner} if isinstance(inner, dict) else found


def _nested(found: Json) -> Json:
    if found.get("type") != _SCHEMA:
        return found
    fields = {name: found[name] for name in found if name != "type"}
    return {"type": _SCHEMA, _SCHEMA: {"name": _NAME, **fields}}


def _named(found: Json) -> Json:
    return {"name": _NAME, **found} if found.get("type") == _SCHEMA else found


def _schema_alone(found: Json) -> Json | None:
    """Return Anthropic's only format."""
    is_schema = found.get("type") == _SCHEMA and "schema" in found
    return {"type": _SCHEMA, "schema": found["schema"]} if is_schema else None


_WRITERS: dict[Place, Callable[[Json], Json | None]] = {
    ("response_format", ""): _nested,
    ("text", "format"): _named,
    ("output_config", "format"): _schema_alone,
}
