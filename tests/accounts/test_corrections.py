from __future__ import annotations

from typing import Any

import pytest

from accounts import ledger
from accounts.ledger import Target
from accounts.models import Limit, LimitWindow, Period, Unit

pytestmark = pytest.mark.django_db

TARGET = Target("demo", "demo/plain")


@pytest.fixture(autouse=True)
def books(db):
    """Every test ends with books that agree."""
    yield
    assert ledger.audit() == []


def limit(workspace, unit=Unit.CREDITS, period=Period.DAY, amount=10**9, **whose: Any) -> Limit:
    return Limit.objects.create(workspace=workspace, unit=unit, period=period, amount=amount, **whose)


def used(of: Limit) -> list[int]:
    return list(LimitWindow.objects.filter(limit=of).order_by("pk").values_list("used", flat=True))
