from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F
from django.utils.timezone import now

from accounts import ledger
from accounts.flows.set_periods import set_periods
from accounts.ledger import Amounts
from accounts.models import DaySum, Hold, HoldPart, Limit, LimitWindow, Period, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(workspace, bob):
    """A settled, a released and an open run under one limit."""
    Limit.objects.create(workspace=workspace, unit=Unit.CREDITS, period=Period.DAY, amount=1000)
    codes = [uuid.uuid4() for _ in range(3)]
    for code in codes:
        ledger.hold(code, workspace, bob, Amounts(credits=50, tokens=5))
    settled, released, still_open = codes
    ledger.settle(
        settled, Amounts(credits=30, tokens=3), source="priced", provider_code="demo", model_id="demo/plain"
    )
    ledger.release(released)
    return settled, released, still_open


def test_it_is_silent_when_the_books_agree(books):
    assert ledger.audit() == []


@pytest.mark.parametrize(
    ("tamper", "finds"),
    [
        (
            lambda *_: LimitWindow.objects.update(used=F("used") + 1),
            "stores 31 used and 50 held, computed are 30",
        ),
        (lambda *_: LimitWindow.objects.update(held=0), "stores 30 used and 0 held, computed are 30 and 50"),
        (lambda *_: HoldPart.objects.update(amount=1), "50 held, its parts add up to 1"),
        (lambda *_: DaySum.objects.update(credits=F("credits") + 1), "demo/plain): stores 31 credits, "),
        (lambda *_: DaySum.objects.update(usd_nanos=1), "30 credits_without_usd, 1 usd_nanos, "),
        (lambda *_: DaySum.objects.all().delete(), "stores nothing, computed are 30 credits, "),
        (lambda *_: DaySum.objects.update(model_id="demo/other"), "demo/other): stores 30 credits, "),
        (lambda settled, *_: Hold.objects.filter(run_code=settled).update(state="released"), "is released"),
        (lambda settled, *_: Hold.objects.filter(run_code=settled).delete(), "a ledger entry without a hold"),
        (
            lambda _, released, __: Hold.objects.filter(run_code=released).update(state="settled"),
            "settled without a ledger entry",
        ),
        (
            lambda *codes: Hold.objects.filter(run_code=codes[2]).update(
                created_at=now() - timedelta(hours=25)
            ),
            "held since",
        ),
    ],
)
def test_it_finds(books, tamper, finds):
    tamper(*books)

    assert any(finds in line for line in ledger.audit()), ledger.audit()


@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize("counts_each", [False, True])
def test_it_is_silent_after_other_periods(workspace, alice, bob, period, counts_each, monkeypatch):
    """A run after the change counts in the new period, and its moment lies in the one before, too."""
    # A Sunday evening: the first day of another week, and in another time zone the next day.
    monkeypatch.setattr("accounts.ledger.booking.now", lambda: datetime(2026, 11, 1, 20, 10, tzinfo=UTC))
    monkeypatch.setattr("accounts.ledger.auditing.now", lambda: datetime(2026, 11, 1, 20, 20, tzinfo=UTC))
    Limit.objects.create(
        workspace=workspace, unit="tokens", period=period, amount=99, counts_each=counts_each
    )
    for zone, first_weekday in (("UTC", 0), ("Asia/Kolkata", 0), ("UTC", 6), ("UTC", 0)):
        set_periods(workspace, zone, first_weekday, actor=alice)
        code = uuid.uuid4()
        ledger.hold(code, workspace, bob, Amounts(credits=9, tokens=9))
        ledger.settle(code, Amounts(credits=7, tokens=7), source="priced", provider_code="demo", model_id="m")

    assert ledger.audit() == []
    LimitWindow.objects.update(used=F("used") + 1)
    assert ledger.audit() != []
