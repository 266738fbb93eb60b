"""Where a limit of a week or a month will be at its end, on its page."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts import ledger
from accounts.ledger import Amounts
from accounts.models import Limit

pytestmark = pytest.mark.django_db

# A Tuesday.
TODAY = datetime(2026, 5, 12, 10, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    def set_to(at: datetime) -> None:
        for module in ("booking", "remaining", "at_this_rate"):
            monkeypatch.setattr(f"accounts.ledger.{module}.now", lambda: at)

    return set_to


@pytest.fixture
def used(workspace, clock):
    """Use 10 requests on each of the days before today, the last one yesterday."""

    def use(user, days: int, model_id: str = "demo/plain") -> None:
        for back in range(days, 0, -1):
            clock(TODAY - timedelta(days=back))
            code = uuid.uuid4()
            target = ledger.Target("demo", model_id)
            ledger.hold(code, workspace, user, Amounts(1, 1, requests=10), target)
            names: Any = {"source": "priced", "provider_code": "demo", "model_id": model_id}
            ledger.settle(code, Amounts(1, 1, requests=10), **names)
        clock(TODAY)

    return use


@pytest.mark.parametrize(
    ("kind", "days", "words"),
    [
        # 110 are used since the first, 10 more each day.
        ({"amount": 235}, 11, "At this rate it is used up on 24 May."),
        ({"amount": 111}, 11, "At this rate it is used up on 12 May."),
        ({"amount": 620}, 11, "At this rate 50 % is used by 31 May."),
        ({"amount": 80, "period": "week"}, 11, "At this rate 87 % is used by 17 May."),
        ({"amount": 40, "period": "week"}, 11, "At this rate it is used up on 14 May."),
        # Two days are too few, and the other periods have no days or no end.
        ({"amount": 620}, 2, ""),
        ({"amount": 620, "period": "day"}, 11, ""),
        ({"amount": 620, "period": "ever"}, 11, ""),
        ({"amount": 100}, 11, ""),
        ({"amount": 0}, 11, ""),
        # The limit counts these models or people alone.
        ({"amount": 235, "model_pattern": "gpt-*"}, 11, ""),
        ({"amount": 235, "counts_each": True}, 11, "At this rate it is used up on 24 May."),
    ],
)
def test_the_page_of_a_limit_says_where_it_will_be(client_for, ada, bob, workspace, used, kind, days, words):
    used(bob, days)
    limit = Limit.objects.create(workspace=workspace, **({"unit": "requests", "period": "month"} | kind))
    ledger.hold(code := uuid.uuid4(), workspace, bob, Amounts(0, 0, requests=0))
    ledger.release(code)
    text = " ".join(client_for(ada).get(f"/w/acme/limits/{limit.code}/").content.decode().split())
    assert ("At this rate" in text) is bool(words)
    assert words in text


def test_each_person_has_a_rate_of_their_own(client_for, ada, alice, bob, workspace, used):
    used(bob, 11)
    used(alice, 4)
    limit = Limit.objects.create(
        workspace=workspace, unit="requests", period="month", amount=235, counts_each=True
    )
    for user in (alice, bob):
        ledger.hold(code := uuid.uuid4(), workspace, user, Amounts(0, 0, requests=0))
        ledger.release(code)
    found = {each.person: each for each in ledger.allowances_under(limit)}
    rates = ledger.rates(limit, list(found.values()))
    assert {key: rate.used_up_on and rate.used_up_on.day for key, rate in rates.items()} == {
        alice.pk: 31,
        bob.pk: 24,
    }
