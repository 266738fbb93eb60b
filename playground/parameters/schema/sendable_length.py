"""The parameter in which a request can be sent the length that is left for its answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.parameters.schema.output_length import OUTPUT_LENGTHS, asked_output, is_length, tokens_asked
from playground.parameters.schema.spec import Kind

if TYPE_CHECKING:
    from playground.parameters.schema.request_schema import RequestSchema


@dataclass(frozen=True, slots=True)
class Sendable:
    """The names of a length, and the bounds of what can be sent in them."""

    names: tuple[str, ...]
    least: int = 1
    most: int | None = None

    def parameters(self, length: int) -> dict[str, int]:
        return dict.fromkeys(self.names, min(length, self.most or length))


def sendable_length(schema: RequestSchema, body: Mapping[str, Any]) -> Sendable | None:
    """Return where a length can be sent in a body; None if the schema has none, or another one is set.

    What is set already is the most: a limit makes no answer longer.
    """
    specs = {spec.name: spec for spec in schema.specs if spec.kind in (Kind.INTEGER, Kind.NUMBER)}
    of_body = {name: tokens_asked(value) for name, value in body.items() if is_length(name)}
    given = {name: value for name, value in of_body.items() if value is not None}
    names = tuple(name for name in OUTPUT_LENGTHS if name in given) or _first(specs)
    asked = asked_output(body)
    if not names or not given.keys() <= set(names) or (asked.length is not None and not given):
        return None
    bounds = [specs[name] for name in names if name in specs]
    # A budget for thinking is part of the length, and has to be less than all of it.
    least = max([1, asked.budget + 1 if asked.budget else 1, *(int(spec.minimum or 1) for spec in bounds)])
    most = [*given.values(), *(int(spec.maximum) for spec in bounds if spec.maximum)]
    return Sendable(names, least, min(most, default=None))


def _first(names: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in OUTPUT_LENGTHS if name in names)[:1]
