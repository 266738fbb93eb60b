"""Sentences of the pages about the rest of a limit."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from accounts import ledger
from accounts.ledger import Amounts
from accounts.models import Limit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("unit", "period", "words"),
    [
        ("concurrent", "ever", "frees up as requests end"),
        ("requests", "ever", "does not reset"),
        ("requests", "day", "resets at 00:00 UTC (in 4 h)"),
        ("requests", "month", "resets on 1 June, 00:00 UTC (in 30 days)"),
    ],
)
def test_every_page_says_when_the_use_of_a_limit_ends(
    client_for, monkeypatch, ada, workspace, unit, period, words
):
    for module in ("booking", "remaining"):
        monkeypatch.setattr(f"accounts.ledger.{module}.now", lambda: datetime(2026, 5, 1, 20, tzinfo=UTC))
    limit = Limit.objects.create(workspace=workspace, unit=unit, period=period, amount=3)
    ledger.hold(uuid.uuid4(), workspace, ada, Amounts(75, 100))
    client = client_for(ada)

    [allowance] = ledger.allowances(workspace, ada)
    assert allowance.resets == words
    for page in ("limits/", f"limits/{limit.code}/", "usage/"):
        assert words in " ".join(client.get(f"/w/acme/{page}").content.decode().split()), page
