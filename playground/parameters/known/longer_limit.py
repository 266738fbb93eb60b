"""A higher output limit for another try at an answer that was cut off by the present one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.parameters.schema.output_length import OUTPUT_LENGTHS
from playground.parameters.schema.spec import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.parameters.schema.request_schema import RequestSchema

# An answer that was reasoning alone gives no sign of how long its text will be.
FACTOR, FACTOR_IF_EMPTY = 2, 4
LEAST = 256


@dataclass(frozen=True, slots=True)
class LongerLimit:
    """The length parameter to raise; ``now`` is its present value, None where it was not sent."""

    name: str
    now: int | None
    value: int


def longer_limit(
    request_schema: RequestSchema,
    parameters: Mapping[str, Any],
    *,
    written: int | None,
    is_empty: bool = False,
    output_max: int | None = None,
) -> LongerLimit | None:
    """Return a limit above the last one, None if the model allows no more.

    :param written: how many tokens the answer had, where that is known.
    :param is_empty: none of them was text.
    """
    offered = {spec.name: spec for spec in request_schema.specs if spec.kind in (Kind.INTEGER, Kind.NUMBER)}
    asked = {
        name: int(value)
        for name in OUTPUT_LENGTHS
        if isinstance(value := parameters.get(name), int | float) and not isinstance(value, bool)
    }
    # If two limits were sent, the smaller one cut the answer.
    name = min(asked, key=asked.__getitem__) if asked else _first(offered)
    if name not in offered:
        return None
    now = asked.get(name)
    reached = now or written
    ceilings = [round(ceiling) for ceiling in (offered[name].maximum, output_max) if ceiling is not None]
    wanted = [max(reached * (FACTOR_IF_EMPTY if is_empty else FACTOR), LEAST)] if reached else []
    if not (wanted or ceilings):
        return None
    value = min([*wanted, *ceilings])
    return LongerLimit(name, now, value) if value > (reached or 0) else None


def _first(offered: Mapping[str, Any]) -> str:
    return next((name for name in OUTPUT_LENGTHS if name in offered), "")
