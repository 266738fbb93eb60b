from __future__ import annotations

import uuid
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from accounts import ledger
from accounts.ledger import Amounts, Target
from accounts.models import DaySum, Group, LedgerEntry, Limit, LimitWindow, Period, Unit
from accounts.prices import Basis, how_in_words

pytestmark = pytest.mark.django_db

TARGET = Target("demo", "demo/plain")


@pytest.fixture(autouse=True)
def books(db):
    """Every test ends with books that agree."""
    yield
    assert ledger.audit() == []


def limit(workspace, unit=Unit.CREDITS, period=Period.DAY, amount=10**9, **whose: Any) -> Limit:
    return Limit.objects.create(workspace=workspace, unit=unit, period=period, amount=amount, **whose)


def spend(workspace, user, credits=100, *, usd: str | None = None, source="estimated") -> LedgerEntry:
    code = uuid.uuid4()
    ledger.hold(code, workspace, user, Amounts(credits=5000, tokens=900), TARGET)
    entry = ledger.settle(
        code,
        Amounts(credits=credits, tokens=30),
        source=source,
        provider_code=TARGET.provider_code,
        model_id=TARGET.model_id,
        usd=None if usd is None else Decimal(usd),
        input_tokens=10,
        output_tokens=20,
    )
    assert entry is not None
    return entry


def used(of: Limit) -> list[int]:
    return list(LimitWindow.objects.filter(limit=of).order_by("pk").values_list("used", flat=True))


@pytest.mark.parametrize("credits", [0, 40, 100, 250])
@pytest.mark.parametrize("usd", [None, "0.000021", "0"])
@pytest.mark.parametrize("before", [None, "0.00005", "0.001"])
def test_the_run_is_charged_what_the_correction_says(workspace, bob, ada, credits, usd, before):
    entry = spend(workspace, bob, usd=before)
    amount = None if usd is None else Decimal(usd)
    found = ledger.correct(entry, credits=credits, usd=amount, reason="Provider's bill", actor=ada)

    charged = ledger.charged(entry)
    assert charged.credits == credits
    assert charged.usd == (Decimal(credits) / 2_000_000 if amount is None else amount)
    assert (charged.input_tokens, charged.output_tokens) == (10, 20)
    if found is not None:
        assert (found.credits, found.number, found.source) == (credits - 100, 1, "correction")
        assert (found.held_at, found.user, found.corrected_by) == (entry.held_at, bob, ada)
        assert how_in_words(Basis(), found.source, found.reason) == "a correction: Provider's bill"
    day = DaySum.objects.get()
    assert (day.credits, day.runs, day.estimates, day.requests) == (credits, 1, int(found is None), 1)


def test_nothing_is_written_where_nothing_changes(workspace, bob, ada):
    entry = spend(workspace, bob)
    assert ledger.correct(entry, credits=100, reason="Same", actor=ada) is None
    assert LedgerEntry.objects.count() == 1


def test_corrections_follow_one_another(workspace, bob, ada):
    entry = spend(workspace, bob)
    numbers = []
    for credits in (300, 0, 7):
        found = ledger.correct(entry, credits=credits, reason="Again", actor=ada)
        assert found is not None
        numbers.append((found.number, found.credits))
    assert numbers == [(1, 200), (2, -300), (3, 7)]
    assert ledger.charged(entry).credits == 7


def test_a_run_that_was_corrected_is_no_estimate_any_more(workspace, bob, ada):
    corrected = spend(workspace, bob)
    spend(workspace, bob)
    spend(workspace, bob, source="priced")
    days = ledger.Days(workspace, corrected.held_at.date(), corrected.held_at.date())
    assert ledger.report(days, ledger.By.MODEL).total.estimates == 2

    for credits in (7, 300):
        ledger.correct(corrected, credits=credits, reason="Bill", actor=ada)
    total = ledger.report(days, ledger.By.MODEL).total
    assert (total.estimates, total.runs) == (1, 3)


def test_a_correction_of_a_known_cost_ends_no_estimate(workspace, bob, ada):
    spend(workspace, bob)
    ledger.correct(spend(workspace, bob, source="reported"), credits=7, reason="Bill", actor=ada)
    assert DaySum.objects.get().estimates == 1


def test_sums_of_an_earlier_version_forget_the_estimates_that_were_corrected(workspace, bob, ada):
    for user in (bob, bob, ada):
        for source in ("estimated", "priced"):
            entry = spend(workspace, user, source=source)
            for credits in (7, 8):
                ledger.correct(entry, credits=credits, reason="Bill", actor=ada)
    spend(workspace, bob)
    ada.delete()
    now = dict(DaySum.objects.values_list("user", "estimates"))
    assert now == {None: 0, bob.pk: 1}
    # Earlier versions counted them for ever.
    for user, estimates in ((None, 1), (bob.pk, 3)):
        DaySum.objects.filter(user=user).update(estimates=estimates)

    migration = import_module("accounts.migrations.0019_corrected_estimates")
    migration.forget_estimates(apps, SimpleNamespace(connection=connection))

    assert dict(DaySum.objects.values_list("user", "estimates")) == now


@pytest.mark.parametrize("amounts", [{"credits": -1}, {"credits": 1, "usd": Decimal(-1)}])
def test_no_run_is_charged_less_than_nothing(workspace, bob, ada, amounts):
    entry = spend(workspace, bob)
    with pytest.raises(ValueError, match="less than nothing"):
        ledger.correct(entry, reason="Wrong", actor=ada, **amounts)
    with pytest.raises(ValueError, match="less than nothing"):
        ledger.correct(entry, credits=1, output_tokens=-1, reason="Wrong", actor=ada)


def test_it_moves_the_windows_that_the_run_counted_in(workspace, bob, ada):
    mine = [
        limit(workspace),
        limit(workspace, period=Period.MONTH),
        limit(workspace, period=Period.EVER, member=bob),
        limit(workspace, counts_each=True),
    ]
    tokens, requests = limit(workspace, Unit.TOKENS), limit(workspace, Unit.REQUESTS)
    others = [limit(workspace, member=ada), limit(workspace, provider_code="aimlapi")]
    entry = spend(workspace, bob)
    spend(workspace, ada, 1)
    ledger.correct(entry, credits=40, output_tokens=25, reason="Bill", actor=ada)

    assert [used(each) for each in mine] == [[41], [41], [40], [40, 1]]
    assert (used(tokens), used(requests)) == ([65], [2])
    assert [used(each) for each in others] == [[1], []]


def test_it_moves_windows_that_were_opened_after_the_run(workspace, bob, ada):
    entry = spend(workspace, bob)
    later, others = limit(workspace), limit(workspace, model_pattern="other/*")
    spend(workspace, ada, 1)
    group = Group.objects.create(workspace=workspace, name="Late")
    group.members.add(bob.memberships.get(workspace=workspace))
    of_group = limit(workspace, group=group)
    spend(workspace, bob, 2)
    assert (used(later), used(of_group)) == ([103], [102])

    ledger.correct(entry, credits=40, reason="Bill", actor=ada)
    assert (used(later), used(of_group), used(others)) == ([43], [42], [])
    assert LimitWindow.objects.get(limit=later).opened_with == 40


def test_a_correction_may_pass_a_limit(workspace, bob, ada):
    tight = limit(workspace, amount=6000)
    entry = spend(workspace, bob)
    ledger.correct(entry, credits=9000, reason="Bill", actor=ada)
    assert used(tight) == [9000]


def test_an_entry_stays_as_it_is(workspace, bob, ada):
    entry = spend(workspace, bob)
    correction = ledger.correct(entry, credits=1, reason="Bill", actor=ada)
    assert correction is not None
    for each in (entry, correction):
        with pytest.raises(TypeError):
            each.save()
        with pytest.raises(TypeError):
            each.delete()
    entry.refresh_from_db()
    assert (entry.credits, entry.number, entry.reason) == (100, 0, "")


def test_a_run_has_one_entry_of_its_own(workspace, bob):
    entry = spend(workspace, bob)
    entry.pk, entry._state.adding = None, True
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save()


def test_a_former_member_is_corrected_too(workspace, bob, ada):
    entry = spend(workspace, bob)
    limit(workspace)
    bob.delete()
    entry.refresh_from_db()
    ledger.correct(entry, credits=1, reason="Bill", actor=ada)
    assert ledger.charged(entry).credits == 1
