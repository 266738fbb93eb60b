from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.ledger import tightest

TONIGHT = datetime(2026, 7, 16, tzinfo=UTC)
MONTHS_END = datetime(2026, 8, 1, tzinfo=UTC)


def allowance(name: str, fraction: float, resets_at: datetime | None = TONIGHT, **limit: Any) -> Any:
    kind = {"period": "day", "is_soft": False, **limit}
    unit = kind.pop("unit", "credits")
    return SimpleNamespace(
        name=name, fraction=fraction, resets_at=resets_at, unit=unit, limit=SimpleNamespace(**kind)
    )


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ([], None),
        ([allowance("a", 0.2), allowance("b", 0.5), allowance("c", 0.4)], "b"),
        # If several are used up, the one that lasts longest is in the way.
        ([allowance("a", 1.0), allowance("b", 1.0, MONTHS_END), allowance("c", 0.9, None)], "b"),
        ([allowance("a", 1.0, MONTHS_END), allowance("b", 1.0, None)], "b"),
        # A limit that refuses nothing is only shown where there is no other.
        ([allowance("a", 1.0, is_soft=True), allowance("b", 0.1)], "b"),
        ([allowance("a", 0.3, is_soft=True)], "a"),
        # Limits that come and go while somebody reads are not shown.
        ([allowance("a", 1.0, period="minute"), allowance("b", 1.0, unit="concurrent")], None),
        ([allowance("a", 1.0, period="hour"), allowance("b", 0.1)], "b"),
    ],
)
def test_it_is_the_one_that_is_in_the_way_first(found, name):
    one = tightest(found)

    assert (one and one.name) == name  # type: ignore[attr-defined]
