"""Values of parameters in a few words, for lines that have no room for JSON. Pure."""

from __future__ import annotations

import json
from typing import Any

# The longest text for one value, and the most text of a value that is shown whole.
MOST_WORDS = 40
MOST_WHOLE = 1_000
# A list of texts or an object of plain values that is longer is counted.
_MOST_LISTED = 24
# An object inside an object inside an object is counted too.
_DEEPEST = 3
_PLAIN = (str, int, float, bool, type(None))


def in_words(value: Any) -> str:
    """Summarise a value in at most ``MOST_WORDS`` characters.

    >>> in_words(None), in_words(True), in_words(0.5), in_words("")
    ('null', 'on', '0.5', '""')
    >>> in_words([{"type": "function", "function": {"name": "get_weather"}}, {"type": "web_search"}])
    'get_weather, web_search'
    >>> in_words({"type": "json_schema", "json_schema": {"name": "Invoice", "schema": {}}})
    'json_schema Invoice'
    >>> in_words({str(token): -100 for token in range(12)}), in_words(["a", "b"]), in_words({}), in_words([])
    ('12 entries', 'a, b', '{}', '[]')
    """
    return _cut(_words(value, 1))


def whole(value: Any) -> str:
    """Return a value as JSON, cut after ``MOST_WHOLE`` characters; empty if its words say everything.

    >>> whole(None), whole("short"), whole(["a"]), whole({"a": 1})
    ('', '', '', '{\\n  "a": 1\\n}')
    """
    words = in_words(value)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return "" if words in (value[0], json.dumps(value[0])) else _bounded(value)
    if isinstance(value, _PLAIN) and words == _plain(value):
        return "" if not isinstance(value, str) or words in (value, json.dumps(value)) else _bounded(value)
    return _bounded(value)


def _bounded(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return text if len(text) <= MOST_WHOLE else f"{text[: MOST_WHOLE - 1]}…"


def _words(value: Any, depth: int) -> str:
    if isinstance(value, dict):
        return _object(value, depth)
    if isinstance(value, list):
        return _list(value)
    return _plain(value)


def _plain(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "on" if value else "off"
        case str():
            # A text without a visible character is shown as JSON: a space, or the mark for a line's end.
            shown = _printable(value)
            return shown or json.dumps(value, ensure_ascii=True)
    return str(value)


def _list(items: list[Any]) -> str:
    if not items:
        return "[]"
    if all(isinstance(item, dict) for item in items):
        if all("role" in item for item in items):
            return _counted(len(items), "message")
        names = [_name(item) for item in items]
        return _some(names) if all(names) else _counted(len(items), "entry", "entries")
    if all(isinstance(item, _PLAIN) for item in items):
        texts = [_plain(item) for item in items]
        if len(items) == 1 or len(", ".join(texts)) <= _MOST_LISTED:
            return ", ".join(texts)
    return _counted(len(items), "value")


def _object(value: dict[Any, Any], depth: int) -> str:
    if not value:
        return "{}"
    kind = value.get("type")
    if isinstance(kind, str) and (shown := _printable(kind)):
        name = _name({**value, "type": ""})
        others = {key: other for key, other in value.items() if key != "type"}
        if not name and others and all(isinstance(other, _PLAIN) for other in others.values()):
            return f"{shown}, {_object(others, depth + 1)}"
        return f"{shown} {name}".rstrip()
    if len(value) == 1 and depth < _DEEPEST:
        key, inner = next(iter(value.items()))
        return f"{_plain(str(key))} {_words(inner, depth + 1)}"
    if all(isinstance(inner, _PLAIN) for inner in value.values()):
        text = ", ".join(f"{_plain(str(key))} {_plain(inner)}" for key, inner in value.items())
        if len(text) <= MOST_WORDS:
            return text
    return _counted(len(value), "entry", "entries")


def _name(value: dict[Any, Any]) -> str:
    """Return the name of an object such as a tool or a schema, or else its type; empty if it has neither."""
    inner = [value, *(part for part in value.values() if isinstance(part, dict))]
    found = [part.get(key) for key in ("name", "server_label") for part in inner]
    named = [_printable(name) for name in (*found, value.get("type")) if isinstance(name, str)]
    return next(filter(None, named), "")


def _some(names: list[str]) -> str:
    """Join names as far as they fit, and count the others."""
    if len(text := ", ".join(names)) <= MOST_WORDS:
        return text
    shown = _cut(names[0], 24)
    return f"{shown} and {len(names) - 1} more" if len(names) > 1 else shown


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def _printable(text: str) -> str:
    """Return a text in one line, without characters that are invisible or that turn the direction of writing.

    >>> _printable("a\\n b\\u202e")
    'a b'
    """
    # No summary needs more than the beginning, and a text may have millions of characters.
    begun = text[: MOST_WORDS * 8]
    return " ".join("".join(each if each.isprintable() else " " for each in begun).split())


def _cut(text: str, most: int = MOST_WORDS) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
