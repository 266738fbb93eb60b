"""Notices about limits that are nearly or wholly used up."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts import ledger
from accounts.ledger import Amounts
from accounts.models import LedgerEntry, Limit, Notice, Period
from accounts.models import Unit as U

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everybody(alice, ada, bob, vera, carol):
    pass


def limited(workspace, **scope: Any) -> Limit:
    return Limit.objects.create(
        **{"workspace": workspace, "unit": U.REQUESTS, "period": Period.DAY, "amount": 10, **scope}
    )


def settle(code: uuid.UUID, credits: int = 100) -> None:
    source = LedgerEntry.Source.REPORTED
    ledger.settle(code, Amounts(credits, 10), source=source, provider_code="demo", model_id="demo/plain")


def told() -> list[tuple[str, str]]:
    """Return who was told what, in order, without the time of the reset."""
    rows = Notice.objects.order_by("pk").values_list("recipient__user__name", "text")
    return [(name, text.partition(" It resets on ")[0]) for name, text in rows]


NEAR = "All members together: 80 % of the limit of 10 requests per day is used."
REACHED = "All members together: the limit of 10 requests per day is used up."
