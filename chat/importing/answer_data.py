"""The parts of an answer beside its text, from a file. Pages and requests rely on their shapes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from chat.importing.found import Json, text_of
from playground.upstream.storable import storable

# Values without a shape that parts of other versions may have.
_PLAIN = str | bool | int


def checked_data(found: Json) -> Json:
    """Keep the parts that have the shape of ``Message.data``. A part of another shape is left out.

    >>> checked_data({"tool_calls": "none", "refusal": "No.", "is_error": True, "odd": {"a": 1}})
    {'refusal': 'No.', 'is_error': True}
    """
    kept = {}
    for name, value in storable(found).items():
        check = _CHECKS.get(name)
        checked = check(value) if check else value if isinstance(value, _PLAIN) else None
        if checked is not None:
            kept[name] = checked
    return kept


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: Any) -> Json | None:
    """Keep the texts of an object."""
    return (
        {name: text for name, text in value.items() if isinstance(text, str)}
        if isinstance(value, dict)
        else None
    )


def _each(check: Callable[[Any], Any]) -> Callable[[Any], list[Any] | None]:
    def checked(value: Any) -> list[Any] | None:
        if not isinstance(value, list):
            return None
        return [kept for item in value if (kept := check(item)) is not None]

    return checked


def _object(value: Any) -> Json | None:
    return value if isinstance(value, dict) else None


def _hosted_tool(value: Any) -> Json | None:
    tool = _texts(value)
    if tool is not None and (results := _each(_texts)(value.get("results"))):
        tool["results"] = results
    return tool


def _medium(value: Any) -> Json | None:
    """Keep a picture or a recording: its file, or the address of one that the provider has."""
    if not isinstance(value, dict):
        return None
    kept: Json = {
        name: value[name] for name in ("file", "url", "media_type") if isinstance(value.get(name), str)
    }
    sizes = {name: value[name] for name in ("width", "height", "seconds") if _is_number(value.get(name))}
    mark = {"is_unreadable": True} if value.get("is_unreadable") is True else {}
    return {**kept, **sizes, **mark} if "file" in kept or "url" in kept else None


def _logprob(value: Any) -> list[Any] | None:
    match value:
        case [str() as text, number, list() as others] if _is_number(number):
            return [text, number, [list(pair) for pair in others if _is_pair(pair)]]
    return None


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and _is_number(value[1])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _choices(value: Any) -> Json | None:
    if not isinstance(value, dict):
        return None
    return {
        index: checked_data(choice)
        for index, choice in value.items()
        if index.isascii() and index.isdecimal() and len(index) < 4 and isinstance(choice, dict)
    }


def _imported(value: Any) -> Json | None:
    if not isinstance(value, dict):
        return None
    kept: Json = {name: text for name in ("from", "model", "author") if (text := text_of(value.get(name)))}
    run = value.get("run")
    return {**kept, **({"run": run} if isinstance(run, dict) else {})}


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "reasoning": _text,
    "refusal": _text,
    "transcript": _text,
    "name": _text,
    "tool_call_id": _text,
    "chosen": _text,
    "finish_reason": _text,
    "tool_calls": _each(_texts),
    "citations": _each(_texts),
    "hosted_tools": _each(_hosted_tool),
    "opaque_reasoning": _each(_object),
    "images": _each(_medium),
    "audio": _medium,
    "logprobs": _each(_logprob),
    "choices": _choices,
    "imported": _imported,
}
