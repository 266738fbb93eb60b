"""A chart of quality against another figure, as numbers for an SVG. Pure.

Each point is a variant, with the interval of its pass rate as a line through it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, HEIGHT = 400, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 388, 12, 208
_COLOURS = 6
# The room that a number beside a point takes.
_NUMBER_WIDTH, _NUMBER_HEIGHT = 26, 14


class PlottedVariant(NamedTuple):
    """The figures of one variant. ``along`` is what the pass rate is compared with."""

    number: int
    rate: float
    low: float
    high: float
    along: float


@dataclass(frozen=True, slots=True)
class Point:
    number: int
    colour: int
    x: int
    y: int
    top: int
    bottom: int
    # Whether the number stands before the point, since another point is where it would stand behind it.
    is_number_before: bool = False


class Tick(NamedTuple):
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Scatter:
    title: str
    points: list[Point]
    columns: list[Tick]
    rows: list[Tick]
    summary: str
    view: str = f"{WIDTH} {HEIGHT}"
    left: int = _LEFT
    right: int = _RIGHT
    bottom: int = _BOTTOM
    top: int = _TOP


def scatter(title: str, figures: Sequence[PlottedVariant], write: Callable[[float], str]) -> Scatter | None:
    """Place figures in a chart; None if there are none. ``write`` names a figure of the other kind.

    Where nothing costs anything, there is nothing to compare.
    """
    if not any(each.along for each in figures):
        return None
    most = _round_up(max(each.along for each in figures))
    points = _apart([_point(each, most) for each in figures])
    best = max(figures, key=lambda each: (each.rate, -each.along))
    least = min(figures, key=lambda each: each.along)
    summary = (
        f"Highest pass rate: number {best.number} with {100 * best.rate:.0f} % at {write(best.along)}. "
        f"Lowest {title.rpartition(' and ')[2]}: number {least.number} with {write(least.along)}."
    )
    columns = [Tick(_x(most * part / 2, most), write(most * part / 2)) for part in range(3)]
    rows = [Tick(_y(part / 2), f"{50 * part} %") for part in range(3)]
    return Scatter(title, points, columns, rows, summary)


def _point(each: PlottedVariant, most: float) -> Point:
    return Point(
        each.number, colour_of(each.number), _x(each.along, most), _y(each.rate), _y(each.high), _y(each.low)
    )


def _apart(points: list[Point]) -> list[Point]:
    """Put the numbers of points that have a neighbour to the right before them."""
    return [
        replace(
            each,
            is_number_before=any(
                0 < other.x - each.x < _NUMBER_WIDTH and abs(other.y - each.y) < _NUMBER_HEIGHT
                for other in points
            ),
        )
        for each in points
    ]


def colour_of(number: int) -> int:
    """Return the colour of a variant, from 1: the first colour of charts is that of what is left over."""
    return 1 + (number - 1) % _COLOURS


def _x(value: float, most: float) -> int:
    return round(_LEFT + (_RIGHT - _LEFT) * value / most)


def _y(share: float) -> int:
    return round(_BOTTOM - (_BOTTOM - _TOP) * share)


def _round_up(most: float) -> float:
    """Return a round number that is not below ``most``.

    >>> _round_up(0.0031), _round_up(7), _round_up(0)
    (0.004, 8, 1)
    """
    if most <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(most))
    found = next(step for step in (1, 2, 4, 6, 8, 10) if step * power >= most * 0.999999)
    return float(f"{found * power:.3g}") if found * power % 1 else int(found * power)
