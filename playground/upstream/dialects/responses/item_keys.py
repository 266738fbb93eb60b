"""The identity of output items, which servers name in many ways.

OpenAI gives every item a place, and most servers count alike, whatever ids they make up. llama.cpp and
older versions of LiteLLM send no place, so there the item's id is the key; some of their events have an
id that no other event has, or none. Then the event belongs to an item of its family that is still open.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from playground.upstream.dialects.shared.reading.limits import MAX_ITEMS
from playground.upstream.dialects.shared.reading.mending import text_of

# Names may change with every event, and each is remembered.
MAX_NAMES = 4 * MAX_ITEMS


@dataclass(slots=True, eq=False)
class _Item:
    key: int
    place: int | None
    call_id: str = ""
    # An event has said that it begins; the items of some servers just arrive.
    is_announced: bool = False
    is_finished: bool = False
    # A delta has named it, or several have by the same name.
    is_named: bool = False
    is_steady: bool = False


class ItemKeys:
    """The keys of the items of one answer.

    A family is a kind of content: two families never share an item. ``place`` is the raw
    ``output_index``; ``names`` are the raw ids in an event, the ``call_id`` of a call first.
    """

    def __init__(self) -> None:
        self._count = 0
        self._at: dict[tuple[str, int], list[_Item]] = {}
        # By the hash of the name, since names may be long.
        self._named: dict[tuple[str, int], _Item] = {}
        self._open: dict[str, list[_Item]] = {}
        # Announced items that no delta has named yet, in their order.
        self._waiting: dict[str, deque[_Item]] = {}

    def begin(self, family: str, place: object, *names: object, call_id: object = "") -> int:
        """Return the key of an item that an event announces."""
        index, call = _index(place), text_of(call_id)
        item = self._found(family, index, call, names)
        if item is None:
            item = self._last(family, index)
            item = None if item is None or item.is_announced or _differs(item, call) else item
        if item is None or item.is_finished:
            item = self._new(family, index)
        if not item.is_announced:
            item.is_announced = True
            if not item.is_named:
                self._waiting.setdefault(family, deque()).append(item)
        self._remember(family, item, index, call, names)
        return item.key

    def part(self, family: str, place: object, name: object, *, is_whole: bool = False) -> int:
        """Return the key of the item that a delta belongs to, or a part of an item if it ``is_whole``."""
        index = _index(place)
        item = self._found(family, index, "", (name,))
        if item is not None:
            item.is_steady = True
        else:
            item = self._next_waiting(family, index) if text_of(name) else None
            item = item or self._last(family, index)
            if item is not None and item.is_steady and not (is_whole or item.is_announced) and text_of(name):
                item = None
        if item is None:
            item = self._new(family, index)
        item.is_named = item.is_named or bool(text_of(name))
        self._remember(family, item, index, "", (name,))
        return item.key

    def finish(self, family: str, place: object, *names: object, call_id: object = "") -> int:
        """Return the key of an item that an event holds as a whole."""
        index, call = _index(place), text_of(call_id)
        item = self._found(family, index, call, names) or self._first(family, index, call)
        if item is None:
            item = self._new(family, index)
        item.is_finished = True
        self._remember(family, item, index, call, names)
        return item.key

    def _found(self, family: str, index: int | None, call_id: str, names: tuple[object, ...]) -> _Item | None:
        """Return the item that the event names. Some servers put several calls at one place."""
        at_place = self._at.get((family, index), []) if index is not None else []
        if len(at_place) == 1 and not _differs(at_place[0], call_id):
            return at_place[0]
        for name in (call_id, *names):
            item = self._named.get((family, hash(name))) if isinstance(name, str) and name else None
            if item is not None and _may_be_at(item, index) and not _differs(item, call_id):
                return item
        return None if call_id or not at_place else at_place[-1]

    def _next_waiting(self, family: str, index: int | None) -> _Item | None:
        waiting = self._waiting.get(family)
        while waiting and (waiting[0].is_named or waiting[0].is_finished):
            waiting.popleft()
        return waiting[0] if waiting and _may_be_at(waiting[0], index) else None

    def _last(self, family: str, index: int | None) -> _Item | None:
        found = self._open.get(family)
        while found and found[-1].is_finished:
            found.pop()
        return found[-1] if found and (index is None or found[-1].place is None) else None

    def _first(self, family: str, index: int | None, call_id: str) -> _Item | None:
        if index is not None and (family, index) in self._at:
            return None
        found = self._open.get(family, ())
        fitting = (item for item in found if not item.is_finished and not _differs(item, call_id))
        item = next(fitting, None)
        return item if item is not None and (index is None or item.place is None) else None

    def _new(self, family: str, index: int | None) -> _Item:
        if self._count >= MAX_ITEMS and (found := self._open.get(family)):
            return found[-1]
        item = _Item(self._count, index)
        self._count += 1
        self._open.setdefault(family, []).append(item)
        return item

    def _remember(
        self, family: str, item: _Item, index: int | None, call_id: str, names: tuple[object, ...]
    ) -> None:
        item.call_id = item.call_id or call_id
        if index is not None:
            item.place = index
            at_place = self._at.setdefault((family, index), [])
            if item not in at_place:
                at_place.append(item)
        for name in (call_id, *names):
            if isinstance(name, str) and name and len(self._named) < MAX_NAMES:
                self._named[family, hash(name)] = item


def _index(place: object) -> int | None:
    return place if type(place) is int and 0 <= place < MAX_ITEMS else None


def _may_be_at(item: _Item, index: int | None) -> bool:
    """Return whether the item may be at that place. Some servers give all their items one id."""
    return index is None or item.place in (None, index)


def _differs(item: _Item, call_id: str) -> bool:
    return bool(call_id and item.call_id and item.call_id != call_id)
