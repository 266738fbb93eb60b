"""The order of a tree of messages from a file, which may name parents in any order, or wrongly."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from chat.exceptions import ImportRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.importing.found import FoundMessage

MOST_MESSAGES = 100_000


def in_order(messages: Sequence[FoundMessage]) -> list[FoundMessage]:
    """Sort messages so that every parent comes before its children, and leave the order as it is otherwise.

    :raises ImportRefused: the messages are too many or none, or are no tree.
    """
    places = _places(messages)
    children: dict[int, list[int]] = {}
    ready: list[int] = []
    for place, message in enumerate(messages):
        if not message.parent:
            heappush(ready, place)
        elif message.parent in places:
            children.setdefault(places[message.parent], []).append(place)
        else:
            raise ImportRefused(
                f"Message {_short(message.id)} follows message {_short(message.parent)}, which is missing."
            )
    ordered: list[FoundMessage] = []
    while ready:
        place = heappop(ready)
        ordered.append(messages[place])
        for child in children.get(place, ()):
            heappush(ready, child)
    if len(ordered) < len(messages):
        raise ImportRefused("Its messages follow each other in a circle.")
    return ordered


def _places(messages: Sequence[FoundMessage]) -> dict[str, int]:
    """Return the place of each message by its id."""
    if not messages:
        raise ImportRefused("It has no messages.")
    if len(messages) > MOST_MESSAGES:
        raise ImportRefused(f"It has {len(messages):,} messages, more than {MOST_MESSAGES:,}.")
    places: dict[str, int] = {}
    for place, message in enumerate(messages):
        if places.setdefault(message.id, place) != place:
            raise ImportRefused(f"Two of its messages have the id {_short(message.id)}.")
    return places


def _short(code: str) -> str:
    return code if len(code) <= 40 else f"{code[:39]}…"
