"""Marks in the texts of a body where a program puts in a file's base64."""

from __future__ import annotations

import re
from typing import Any

from playground.code.request import FileUse

# A text that was typed or uploaded has no lone surrogates.
_START, _END = "\udc01", "\udc02"
_MARK = re.compile(f"{_START}(?P<name>[^{_START}{_END}]*){_END}")
_DATA_URL = re.compile(r"data:(?P<type>[\w.+/-]{1,80});base64,$")
PLACEHOLDER = "playground-file:"


def mark(name: str) -> str:
    """Return the text that stands for the base64 of a file."""
    return f"{_START}{name}{_END}"


def without_marks(body: Any) -> tuple[Any, tuple[FileUse, ...]]:
    """Return the body with a placeholder at the place of each file, and these places."""
    uses: list[FileUse] = []
    return _walk(body, (), uses), tuple(uses)


def _walk(value: Any, path: tuple[str | int, ...], uses: list[FileUse]) -> Any:
    if isinstance(value, dict):
        return {name: _walk(each, (*path, name), uses) for name, each in value.items()}
    if isinstance(value, list):
        return [_walk(each, (*path, place), uses) for place, each in enumerate(value)]
    if not isinstance(value, str) or _START not in value:
        return value
    found = _MARK.search(value)
    if found is None:
        return value
    data_url = _DATA_URL.match(value[: found.start()])
    uses.append(FileUse(path, found["name"], data_url["type"] if data_url else ""))
    return PLACEHOLDER + found["name"]
