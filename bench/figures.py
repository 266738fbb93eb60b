"""Figures: a name, a value, a unit."""

from __future__ import annotations

from collections.abc import Sequence


def report(name: str, value: float | None, unit: str) -> None:
    """Print one line; a figure that could not be measured says so instead of a number."""
    if value is None:
        text = "unknown"
    elif abs(value) >= 100 or value == int(value):
        text = f"{value:.0f}"
    else:
        text = f"{value:.2f}"
    print(f"{name} {text} {unit}", flush=True)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which that share of the values lies, or None without values.

    >>> percentile([3, 1, 2, 4], 0.5)
    2
    """
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def ratio(amount: float, per: float) -> float | None:
    return amount / per if per > 0 else None
