"""The layout of a JSON value in a language: on one line where it fits, else one item on each line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

WIDTH = 92


@dataclass(frozen=True, slots=True)
class FromFile:
    """A text that the code makes of a file: ``prefix``, then the base64 that ``variable`` holds."""

    variable: str
    prefix: str


class Syntax(Protocol):
    """The literals of a language."""

    indent: str
    null: str
    true: str
    false: str
    # The characters inside the braces of an object on one line.
    brace_space: str
    # The character after the last item of a list on several lines.
    last_comma: str
    # Containers that lie deeper are written by ``deep``.
    deepest: int

    def string(self, text: str) -> str: ...

    def is_long(self, text: str) -> bool:
        """Return whether ``text`` belongs on several lines."""

    def long_string(self, text: str, indent: str) -> str: ...

    def key(self, name: str) -> str: ...

    def from_file(self, value: FromFile) -> str: ...

    def deep(self, value: Any) -> str: ...


def laid_out(value: Any, syntax: Syntax, level: int = 0, before: int = 0) -> str:
    """Return ``value`` as a literal whose first line follows ``before`` characters.

    Further lines are indented for ``level`` containers around them.
    """
    short = _inline(value, syntax, WIDTH - before - len(syntax.indent) * level)
    if short is not None:
        return short
    outer, inner = syntax.indent * level, syntax.indent * (level + 1)
    if isinstance(value, str):
        return syntax.long_string(value, inner) if syntax.is_long(value) else syntax.string(value)
    if level >= syntax.deepest:
        return syntax.deep(value)
    if isinstance(value, dict):
        keys = [(f"{syntax.key(name)}: ", each) for name, each in value.items()]
        items = [key + laid_out(each, syntax, level + 1, len(key)) for key, each in keys]
        start, end = "{", "}"
    else:
        items = [laid_out(each, syntax, level + 1) for each in value]
        start, end = "[", "]"
    lines = f",\n{inner}".join(items)
    return f"{start}\n{inner}{lines}{syntax.last_comma}\n{outer}{end}"


def scalar(value: Any, syntax: Syntax) -> str:
    """Return a value that is no container, on one line."""
    if isinstance(value, str):
        return syntax.string(value)
    if value is None:
        return syntax.null
    if isinstance(value, bool):
        return syntax.true if value else syntax.false
    if isinstance(value, FromFile):
        return syntax.from_file(value)
    return repr(value)


def _inline(value: Any, syntax: Syntax, room: int) -> str | None:
    """Return ``value`` on one line; None if it has no room there or has to have several lines."""
    if isinstance(value, str):
        return None if syntax.is_long(value) else syntax.string(value)
    if not isinstance(value, dict | list):
        return scalar(value, syntax)
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    is_object = isinstance(value, dict)
    pairs = value.items() if isinstance(value, dict) else [(None, each) for each in value]
    parts, left = list[str](), room - 2
    for name, each in pairs:
        key = f"{syntax.key(name)}: " if name is not None else ""
        # Deeply nested values would be tried once for each container around them.
        text = _inline(each, syntax, left - len(key)) if left > 0 else None
        if text is None:
            return None
        parts.append(key + text)
        left -= len(parts[-1]) + 2
        if left < 0:
            return None
    joined = ", ".join(parts)
    return f"{{{syntax.brace_space}{joined}{syntax.brace_space}}}" if is_object else f"[{joined}]"
