"""The parameter that bounds an answer's length, for an answer that was cut by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.parameters.schema.spec import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.parameters.schema.request_schema import RequestSchema

# Where a model has several of them, the later ones are there for old callers.
NAMES = ("max_completion_tokens", "max_output_tokens", "max_tokens")
# Of an answer that was all reasoning nobody knows how much is still to come.
FACTOR, FACTOR_IF_EMPTY = 2, 4
LEAST = 256


@dataclass(frozen=True, slots=True)
class Longer:
    """The length parameter to set for another try; ``now`` is what it was, None where it was not sent."""

    name: str
    now: int | None
    value: int


def longer(
    request_schema: RequestSchema,
    parameters: Mapping[str, Any],
    *,
    written: int | None,
    is_empty: bool = False,
    output_max: int | None = None,
) -> Longer | None:
    """Room for more tokens than last time, as far as the model goes; None where it is at its end.

    ``written`` is how many tokens came, where that is known; ``is_empty``: none of them was text.
    """
    takes = {spec.name: spec for spec in request_schema.specs if spec.kind in (Kind.INTEGER, Kind.NUMBER)}
    asked = {
        name: int(value)
        for name in NAMES
        if isinstance(value := parameters.get(name), int | float) and not isinstance(value, bool)
    }
    # Of two that were sent the smaller one was hit.
    name = min(asked, key=asked.__getitem__) if asked else next((n for n in NAMES if n in takes), "")
    if not name or name not in takes:
        return None
    now = asked.get(name)
    reached = now or written
    ceilings = [round(ceiling) for ceiling in (takes[name].maximum, output_max) if ceiling is not None]
    wanted = [max(reached * (FACTOR_IF_EMPTY if is_empty else FACTOR), LEAST)] if reached else []
    if not (wanted or ceilings):
        return None
    value = min([*wanted, *ceilings])
    return Longer(name, now, value) if value > (reached or 0) else None
