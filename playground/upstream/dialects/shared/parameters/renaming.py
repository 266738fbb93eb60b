"""Parameters that differ between dialects in their name, or in the object that holds them.

Each function changes ``parameters`` and yields the old and the new name of what it moved. A parameter
that the endpoint offers stays where it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from playground.parameters.schema.output_length import OUTPUT_LENGTHS

Json = dict[str, Any]
Moved = Iterator[tuple[str, str]]

# Objects whose fields are parameters elsewhere.
CONTAINERS = ("reasoning", "text", "output_config")

# A parameter, and the field of it where it is an object.
Place = tuple[str, str]
_EFFORTS: tuple[Place, ...] = (("reasoning_effort", ""), ("reasoning", "effort"), ("output_config", "effort"))
_VERBOSITIES: tuple[Place, ...] = (("verbosity", ""), ("text", "verbosity"))


def move_lengths(parameters: Json, offered: Collection[str]) -> Moved:
    for old in OUTPUT_LENGTHS:
        if old in parameters and old not in offered:
            new = next((name for name in OUTPUT_LENGTHS if name in offered and name not in parameters), None)
            if new is not None:
                parameters[new] = parameters.pop(old)
                yield old, new


def move_stops(parameters: Json, offered: Collection[str]) -> Moved:
    """Rename the texts that end an answer; Anthropic's are always a list."""
    for old, new in (("stop", "stop_sequences"), ("stop_sequences", "stop")):
        value = parameters.get(old)
        if value is not None and old not in offered and new in offered and new not in parameters:
            parameters[new] = [value] if isinstance(value, str) else value
            del parameters[old]
            yield old, new


def move_efforts(parameters: Json, offered: Collection[str]) -> Moved:
    """Move the effort of reasoning. A budget in tokens is none, and no effort is a budget."""
    yield from _move(parameters, offered, _EFFORTS)


def move_verbosities(parameters: Json, offered: Collection[str]) -> Moved:
    yield from _move(parameters, offered, _VERBOSITIES)


def _move(parameters: Json, offered: Collection[str], places: tuple[Place, ...]) -> Moved:
    for old in places:
        value = value_at(parameters, old)
        if old[0] in offered or not isinstance(value, str):
            continue
        new = next((place for place in places if place[0] in offered), None)
        if new is not None and is_free(parameters, new):
            take(parameters, old)
            put(parameters, new, value)
            yield old[0], new[0]


def value_at(parameters: Json, place: Place) -> Any:
    name, field = place
    value = parameters.get(name)
    return value if not field else value.get(field) if isinstance(value, dict) else None


def is_free(parameters: Json, place: Place) -> bool:
    """Tell whether a value fits into a place: nothing is there, and what is around it is an object."""
    around = parameters.get(place[0])
    return around is None or (bool(place[1]) and isinstance(around, dict) and around.get(place[1]) is None)


def take(parameters: Json, place: Place) -> None:
    """Remove a value, and the object around it if that is empty then."""
    name, field = place
    rest = {key: parameters[name][key] for key in parameters[name] if key != field} if field else None
    del parameters[name]
    if rest:
        parameters[name] = rest


def put(parameters: Json, place: Place, value: Any) -> None:
    name, field = place
    parameters[name] = {**(parameters.get(name) or {}), field: value} if field else value
