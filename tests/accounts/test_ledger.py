from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from accounts import ledger
from accounts.exceptions import LimitReached
from accounts.ledger import Amounts, reserving
from accounts.models import Hold, LedgerEntry, Limit, LimitWindow, Period, Unit, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """Set the ledger's current time."""

    def set_to(*parts: int) -> None:
        moment = datetime(*parts).replace(tzinfo=UTC)  # type: ignore[arg-type]
        for module in ("booking", "remaining", "auditing"):
            monkeypatch.setattr(f"accounts.ledger.{module}.now", lambda: moment)

    return set_to


def _limit(workspace, amount, unit=Unit.CREDITS, period=Period.DAY, member=None) -> Limit:
    return Limit.objects.create(workspace=workspace, member=member, unit=unit, period=period, amount=amount)


def _hold(workspace, user, credits=75, tokens=10) -> uuid.UUID:
    code = uuid.uuid4()
    ledger.hold(code, workspace, user, Amounts(credits=credits, tokens=tokens))
    return code


def _settle(code, credits, tokens=10) -> LedgerEntry | None:
    return ledger.settle(
        code,
        Amounts(credits=credits, tokens=tokens),
        source=LedgerEntry.Source.REPORTED,
        provider_code="demo",
        model_id="demo/plain",
        usd=Decimal("0.001"),
        input_tokens=4,
        output_tokens=6,
    )


def test_it_holds_without_any_limit(workspace, bob):
    code = _hold(workspace, bob)

    assert Hold.objects.get(run_code=code).state == Hold.State.OPEN
    assert ledger.audit() == []


def test_it_refuses_what_a_limit_does_not_leave(workspace, bob):
    _limit(workspace, 500)
    for _ in range(6):
        _hold(workspace, bob)

    with pytest.raises(LimitReached) as refusal:
        _hold(workspace, bob)

    assert (refusal.value.needed, refusal.value.left) == (75, 50)
    assert Hold.objects.count() == 6
    assert ledger.audit() == []


def test_a_hold_locks_the_workspace_before_it_reads_the_windows(workspace, bob, monkeypatch):
    """SQLite has one writer at a time anyway; PostgreSQL needs the lock."""
    order: list[str] = []
    lock_and_read = Workspace.lock_and_read

    def locked(self: Workspace, *reads: Any) -> list[Any]:
        order.append(f"lock {self.slug}")
        return lock_and_read(self, *reads)

    monkeypatch.setattr(Workspace, "lock_and_read", locked)

    def asked_of_the_database(run: Any, sql: str, *rest: Any) -> Any:
        order.append(sql)
        return run(sql, *rest)

    with connection.execute_wrapper(asked_of_the_database):
        _hold(workspace, bob)

    asked = [each for each in order if "SAVEPOINT" not in each]
    assert asked[0] == "lock acme"
    assert "accounts_limit" in asked[1]


def test_tokens_that_are_not_told_apart_count_as_none(workspace, bob):
    entry = ledger.settle(
        _hold(workspace, bob), Amounts(credits=1, tokens=2), source="priced", provider_code="x", model_id="y"
    )

    assert entry is not None
    assert (entry.input_tokens, entry.output_tokens, entry.requests, entry.usd) == (0, 0, 1, None)


def test_a_refusal_counts_what_was_settled_and_what_is_held(workspace, bob):
    _limit(workspace, 1000)
    _settle(_hold(workspace, bob, credits=400), 300)
    _hold(workspace, bob, credits=200)

    with pytest.raises(LimitReached) as refusal:
        _hold(workspace, bob, credits=501)

    assert (refusal.value.needed, refusal.value.left) == (501, 500)
    _hold(workspace, bob, credits=500)


def test_a_refusal_says_nothing_is_left_where_more_was_used(workspace, bob):
    _limit(workspace, 100)
    _settle(_hold(workspace, bob, credits=75), 130)

    with pytest.raises(LimitReached) as refusal:
        _hold(workspace, bob, credits=1)

    assert refusal.value.left == 0


def test_a_refusal_counts_a_run_that_settles_meanwhile(workspace, bob, monkeypatch):
    """The windows were read before; settling takes no lock of the workspace."""
    _limit(workspace, 1000)
    running = _hold(workspace, bob, credits=600)
    reserve = reserving._reserve

    def settle_first(*arguments: Any) -> bool:
        refused = reserve(*arguments)
        _settle(running, 100)
        return refused

    monkeypatch.setattr(reserving, "_reserve", settle_first)
    with pytest.raises(LimitReached) as refusal:
        _hold(workspace, bob, credits=500)

    assert refusal.value.left == 900


@pytest.mark.parametrize("period", [Period.DAY, Period.MONTH])
@pytest.mark.parametrize("is_settled", [True, False])
def test_a_run_of_the_first_instant_counts_in_the_period_that_begins(
    workspace, bob, clock, period, is_settled
):
    clock(2026, 6, 1)
    code = _hold(workspace, bob, credits=70)
    if is_settled:
        _settle(code, 70)

    _limit(workspace, 100, period=period)
    clock(2026, 6, 1, 12)
    [allowance] = ledger.allowances(workspace, bob)
    assert (allowance.used, allowance.held) == ((70, 0) if is_settled else (0, 70))
    with pytest.raises(LimitReached):
        _hold(workspace, bob, credits=31)

    clock(2026, 5, 31, 23, 59)
    [before] = ledger.allowances(workspace, bob)
    assert before.left == 100
    _hold(workspace, bob, credits=100)
    assert ledger.audit() == []


def test_it_takes_exactly_what_is_left(workspace, bob):
    _limit(workspace, 75)

    _hold(workspace, bob, credits=75)

    assert ledger.allowances(workspace, bob)[0].left == 0


def test_a_refusal_leaves_the_other_limits_untouched(workspace, bob):
    _limit(workspace, 1000)
    _limit(workspace, 10, member=bob)

    # The exception is caught inside the transaction, which continues and must keep nothing of the hold.
    with transaction.atomic(), pytest.raises(LimitReached):
        _hold(workspace, bob)

    assert [allowance.held for allowance in ledger.allowances(workspace, bob)] == [0, 0]
    assert not Hold.objects.exists()


def test_a_members_limit_binds_nobody_else(workspace, alice, bob):
    _limit(workspace, 10, member=bob)

    _hold(workspace, alice)

    with pytest.raises(LimitReached):
        _hold(workspace, bob)


def test_a_workspaces_limit_counts_everybody_of_that_workspace_only(workspace, alice, bob, carol):
    _limit(workspace, 100)
    _hold(workspace, alice)

    _hold(carol.memberships.get().workspace, carol)
    with pytest.raises(LimitReached):
        _hold(workspace, bob)


@pytest.mark.parametrize(("unit", "left"), [(Unit.CREDITS, 25), (Unit.TOKENS, 90), (Unit.REQUESTS, 99)])
def test_it_counts_in_the_limits_unit(workspace, bob, unit, left):
    _limit(workspace, 100, unit=unit)

    _hold(workspace, bob, credits=75, tokens=10)

    assert ledger.allowances(workspace, bob)[0].left == left


def test_it_settles_once(workspace, bob):
    _limit(workspace, 500)
    code = _hold(workspace, bob)

    entry = _settle(code, 40)

    assert entry is not None
    assert (entry.credits, entry.user, entry.model_id) == (40, bob, "demo/plain")
    assert _settle(code, 40) is None
    assert not ledger.release(code)
    assert LedgerEntry.objects.count() == 1
    window = LimitWindow.objects.get()
    assert (window.used, window.held) == (40, 0)


def test_a_run_may_cost_more_than_it_held(workspace, bob):
    _limit(workspace, 100)
    code = _hold(workspace, bob, credits=75)

    _settle(code, 130)

    allowance = ledger.allowances(workspace, bob)[0]
    assert (allowance.used, allowance.left, allowance.fraction) == (130, 0, 1.0)
    assert ledger.audit() == []


def test_what_was_thought_free_is_charged_when_it_was_not(workspace, bob):
    _limit(workspace, 100)
    code = _hold(workspace, bob, credits=0)

    _settle(code, 30)

    assert ledger.allowances(workspace, bob)[0].used == 30
    assert ledger.audit() == []


def test_a_free_prompt_passes_a_limit_that_is_used_up(workspace, bob):
    _limit(workspace, 75)
    _settle(_hold(workspace, bob), 90)

    _hold(workspace, bob, credits=0)


def test_it_releases_once(workspace, bob):
    _limit(workspace, 100)
    code = _hold(workspace, bob)

    assert ledger.release(code)
    assert not ledger.release(code)
    assert _settle(code, 10) is None
    assert ledger.allowances(workspace, bob)[0].left == 100
    assert not LedgerEntry.objects.exists()


def test_a_run_nobody_held_settles_to_nothing(db):
    assert _settle(uuid.uuid4(), 10) is None


def test_a_new_limit_counts_what_the_period_has_seen(workspace, bob, clock):
    clock(2026, 5, 1, 23, 0)
    _settle(_hold(workspace, bob), 300)
    clock(2026, 5, 2, 9, 0)
    _settle(_hold(workspace, bob), 40)
    running = _hold(workspace, bob, credits=75)
    day = _limit(workspace, 500)
    month = _limit(workspace, 5000, period=Period.MONTH)

    def of(limit: Limit) -> tuple[int, int]:
        rows = {row.limit: (row.used, row.held) for row in ledger.allowances(workspace, bob)}
        return rows[limit]

    assert (of(day), of(month)) == ((40, 75), (340, 75))
    _hold(workspace, bob, credits=5)
    assert (of(day), of(month)) == ((40, 80), (340, 80))
    # A run that was held before the limits existed settles into them too.
    _settle(running, 60)
    assert (of(day), of(month)) == ((100, 5), (400, 5))
    assert ledger.audit() == []


def test_each_limit_without_a_window_counts_its_own(workspace, alice, bob, carol):
    for user, credits in ((alice, 30), (bob, 4)):
        _settle(_hold(workspace, user), credits, tokens=credits * 2)
        _hold(workspace, user, credits=credits * 10, tokens=1)
    _settle(_hold(carol.memberships.get().workspace, carol), 500)
    limits = [
        _limit(workspace, 1000),
        _limit(workspace, 1000, member=bob),
        _limit(workspace, 1000, unit=Unit.TOKENS, period=Period.MONTH, member=alice),
        _limit(workspace, 1000, unit=Unit.REQUESTS, period=Period.EVER, member=bob),
        _limit(workspace, 1000, period=Period.EVER, member=carol),
    ]

    rows = {row.limit: (row.used, row.held) for row in ledger.allowances_of(workspace, Limit.objects.all())}

    assert [rows[limit] for limit in limits] == [(34, 340), (4, 40), (60, 1), (1, 1), (0, 0)]
    assert not LimitWindow.objects.exists()


def test_a_day_ends_at_midnight_utc(workspace, bob, clock):
    _limit(workspace, 100)
    clock(2026, 5, 1, 23, 59, 59, 999_999)
    _settle(_hold(workspace, bob), 90)
    with pytest.raises(LimitReached):
        _hold(workspace, bob)

    clock(2026, 5, 2, 0, 0)

    _hold(workspace, bob)
    assert ledger.audit() == []


def test_the_first_of_a_month_is_a_day_like_any_other(workspace, bob, clock):
    """The day's window starts when the month's does. Neither the month nor a later day finds it."""
    _limit(workspace, 100)
    _limit(workspace, 200, period=Period.MONTH)
    clock(2026, 5, 1)
    _settle(_hold(workspace, bob), 80)
    assert [row.left for row in ledger.allowances(workspace, bob)] == [20, 120]

    clock(2026, 5, 2)

    assert [row.left for row in ledger.allowances(workspace, bob)] == [100, 120]


def test_a_month_ends_with_its_last_day_and_ever_does_not(workspace, bob, clock):
    _limit(workspace, 100, period=Period.MONTH)
    _limit(workspace, 200, period=Period.EVER)
    clock(2026, 12, 31, 23, 0)
    _settle(_hold(workspace, bob), 80)
    clock(2027, 1, 1)

    assert [row.left for row in ledger.allowances(workspace, bob)] == [100, 120]


def test_a_run_over_midnight_is_charged_to_the_day_that_held_it(workspace, bob, clock):
    _limit(workspace, 100)
    clock(2026, 5, 1, 23, 59)
    code = _hold(workspace, bob)
    clock(2026, 5, 2, 0, 1)
    _hold(workspace, bob, credits=1)

    _settle(code, 70)

    first, second = LimitWindow.objects.order_by("starts_at")
    assert (first.used, first.held) == (70, 0)
    assert (second.used, second.held) == (0, 1)
    assert ledger.audit() == []


def test_the_refusal_says_it_in_words(workspace, bob, clock):
    clock(2026, 5, 1, 20, 0)
    _limit(workspace, 500, member=bob)
    for _ in range(6):
        _hold(workspace, bob)

    with pytest.raises(LimitReached) as refusal:
        _hold(workspace, bob)

    assert refusal.value.text == (
        "Your limit of $0.00025 (500 credits) per day has $0.000025 (50 credits) left. "
        "This prompt may cost up to $0.000038 (75 credits). The limit resets at 00:00 UTC (in 4 h)."
    )


def test_a_limit_that_never_resets_says_so(workspace, bob):
    _limit(workspace, 1, unit=Unit.REQUESTS, period=Period.EVER)
    _hold(workspace, bob)

    with pytest.raises(LimitReached) as refusal:
        _hold(workspace, bob)

    assert refusal.value.text == (
        "The workspace's limit of 1 request in total has 0 requests left. "
        "This prompt may take up to 1 request. The limit does not reset."
    )


def test_a_lower_limit_holds_at_once(workspace, bob):
    limit = _limit(workspace, 500)
    _hold(workspace, bob)
    Limit.objects.filter(pk=limit.pk).update(amount=100)

    with pytest.raises(LimitReached) as refusal:
        _hold(workspace, bob)

    assert refusal.value.left == 25


def test_a_deleted_limit_is_forgotten_by_open_holds(workspace, bob):
    limit = _limit(workspace, 500)
    code = _hold(workspace, bob)

    limit.delete()

    assert _settle(code, 10) is not None
    assert ledger.audit() == []


def test_the_ledger_is_append_only(workspace, bob):
    entry = _settle(_hold(workspace, bob), 10)
    assert entry is not None

    entry.credits = 1
    for offence in (
        entry.save,
        entry.delete,
        LedgerEntry.objects.all().delete,
        lambda: LedgerEntry.objects.update(credits=1),
    ):
        with pytest.raises(TypeError):
            offence()


def test_allowances_ask_a_fixed_number_of_questions(workspace, bob, django_assert_num_queries):
    for unit in Unit:
        for period in Period:
            _limit(workspace, 100, unit=unit, period=period)
    _hold(workspace, bob)

    with django_assert_num_queries(1):
        assert len(ledger.allowances(workspace, bob)) == len(Unit) * len(Period)


@pytest.mark.parametrize(
    ("limits", "fixed", "price", "expected"),
    [
        ([], (10, 10), 2, None),
        ([("requests", 3)], (10, 10), 2, None),
        ([("tokens", 100)], (10, 40), 2, 60),
        ([("credits", 100)], (10, 40), 2, 45),
        ([("credits", 101)], (10, 40), 2, 45),
        ([("credits", 100)], (10, 40), 0, None),
        ([("credits", 100), ("tokens", 70)], (10, 40), 2, 30),
        ([("credits", 100)], (101, 40), 2, -1),
        ([("tokens", -5)], (0, 0), 2, -5),
    ],
)
def test_the_room_is_what_the_strictest_limit_leaves(limits, fixed, price, expected):
    assert ledger.Room(tuple(limits)).tokens(Amounts(*fixed), Decimal(price)) == expected


@pytest.mark.parametrize(("wanted", "held"), [(400, 400), (900, 500), (10**9, 500)])
def test_a_hold_is_sized_by_what_is_left(workspace, bob, wanted, held):
    _limit(workspace, 1_000, Unit.TOKENS)
    _limit(workspace, 10**6, Unit.CREDITS)
    _hold(workspace, bob, tokens=500)

    def sized(room: ledger.Room) -> Amounts:
        return Amounts(credits=5, tokens=min(wanted, room.tokens(Amounts(5, 0), Decimal(1)) or 0))

    assert ledger.hold(uuid.uuid4(), workspace, bob, sized).tokens == held
    assert ledger.audit() == []


def test_a_size_that_does_not_fit_is_refused(workspace, bob):
    _limit(workspace, 1_000, Unit.TOKENS)
    with pytest.raises(LimitReached) as caught:
        ledger.hold(uuid.uuid4(), workspace, bob, lambda _: Amounts(credits=0, tokens=1_001))
    assert (caught.value.needed, caught.value.left) == (1_001, 1_000)
    assert not Hold.objects.exists()
