"""An answer in JSON as a tree of folded parts, a bounded number at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chat.pages.checked import check_of
from chat.structured.problems import pointer_to, printable
from chat.structured.verdict import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat.models import Message

# Parts in one fragment, and entries of one object or list in it. Others load when they are opened.
MOST_NODES = 400
MOST_ENTRIES = 100
# Levels that are open at first.
OPEN_LEVELS = 2
MOST_CHARACTERS = 2_000


@dataclass(slots=True)
class Node:
    """A part of a value. ``children`` of one that is not loaded are on the server only."""

    name: str
    kind: str
    pointer: str
    text: str = ""
    count: int = 0
    error: str = ""
    has_error_inside: bool = False
    is_open: bool = False
    is_loaded: bool = True
    children: list[Node] = field(default_factory=list)
    # The number of the first entry that is left out; 0 if none is.
    rest_from: int = 0


def text_of_choice(message: Message, number: str) -> str:
    """Return the text of an answer's choice, counted from 1; that of the first one for any other number."""
    if not (number.isdecimal() and len(number) < 4 and int(number) > 1):
        return message.text
    found: str = message.data.get("choices", {}).get(str(int(number) - 1), {}).get("text", "")
    return found


def tree_of_answer(message: Message, number: str, pointer: str, start: int) -> Node | None:
    """Return a part of an answer that is JSON as was asked for; None if it is not, or has no such part."""
    text = text_of_choice(message, number)
    verdict = check_of(text, getattr(message, "run", None))
    if verdict is None or not verdict.is_json:
        return None
    errors = {error.pointer: error.message for error in verdict.errors}
    return tree_of(value_of(text), errors, pointer, start)


def tree_of(value: Any, errors: Mapping[str, str], pointer: str = "", start: int = 0) -> Node | None:
    """Return the part of a value at ``pointer``, from its entry ``start`` on; None if there is none."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and len(name) < 10 and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return _Grower(errors).grow("", value, pointer, 0, max(0, start))


class _Grower:
    """Makes nodes until there are enough of them."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self._errors = errors
        self._left = MOST_NODES

    def grow(self, name: str, value: Any, pointer: str, level: int, start: int = 0) -> Node:
        self._left -= 1
        pointer = printable(pointer)
        node = Node(printable(name), _kind_of(value), pointer, error=self._errors.get(pointer, ""))
        if not isinstance(value, dict | list):
            node.text = _shown(value)
            return node
        node.count = len(value)
        node.has_error_inside = any(found.startswith(f"{pointer}/") for found in self._errors)
        node.is_open = level < OPEN_LEVELS or node.has_error_inside
        node.is_loaded = level == 0 or (self._left > 0 and node.is_open)
        if node.is_loaded:
            self._fill(node, value, level, start)
        return node

    def _fill(self, node: Node, value: dict[str, Any] | list[Any], level: int, start: int) -> None:
        for place, (name, inner) in enumerate(_entries(value, start), start):
            # A fragment always has something new, so that opening goes on.
            if place - start >= MOST_ENTRIES or (self._left <= 0 and place > start):
                node.rest_from = place
                return
            node.children.append(self.grow(name, inner, f"{node.pointer}{pointer_to(name)}", level + 1))


def _entries(value: dict[str, Any] | list[Any], start: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((str(place), value[place]) for place in range(start, len(value)))
        return
    for place, entry in enumerate(value.items()):
        if place >= start:
            yield entry


def _kind_of(value: Any) -> str:
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "list"
    return "text" if isinstance(value, str) else "word"


def _shown(value: Any) -> str:
    text = printable(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"
