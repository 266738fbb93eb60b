"""The format that a request asks for: ``response_format``, ``text.format`` or ``output_config.format``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_OBJECT = {"type": "object"}


@dataclass(frozen=True, slots=True)
class Format:
    """A format with its schema. ``name`` is that of the schema; it is empty if JSON alone was asked for."""

    schema: Mapping[str, Any]
    name: str = ""
    has_schema: bool = False


def format_of(parameters: Mapping[str, Any]) -> Format | None:
    """Return the format that the parameters of a request ask for; None if they ask for text.

    >>> format_of({"response_format": {"type": "json_object"}})
    Format(schema={'type': 'object'}, name='', has_schema=False)
    >>> format_of({"text": {"format": {"type": "json_schema", "name": "a", "schema": {}}}})
    Format(schema={}, name='a', has_schema=True)
    """
    for found in (
        parameters.get("response_format"),
        _within(parameters.get("text")),
        _within(parameters.get("output_config")),
        parameters.get("output_format"),
    ):
        if isinstance(found, dict) and (asked := _read(found)) is not None:
            return asked
    return None


def _within(found: Any) -> Any:
    return found.get("format") if isinstance(found, dict) else None


def _read(found: dict[str, Any]) -> Format | None:
    kind = found.get("type")
    if kind == "json_object":
        return Format(_OBJECT)
    if kind != "json_schema":
        return None
    # Chat completions nest the schema, and the other endpoints have it beside the type.
    inner = found.get("json_schema")
    fields = inner if isinstance(inner, dict) else found
    schema, name = fields.get("schema"), fields.get("name")
    return Format(
        schema=schema if isinstance(schema, dict) else {},
        name=name if isinstance(name, str) else "",
        has_schema=isinstance(schema, dict),
    )
