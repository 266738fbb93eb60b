"""Limits hold at every instant. Real threads, real transactions, on whichever database runs the tests."""

from __future__ import annotations

import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from accounts import ledger
from accounts.exceptions import LimitReached
from accounts.ledger import Amounts
from accounts.models import Hold, LedgerEntry, Limit, LimitWindow, Period, Unit, User, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(count: int, job: Callable[[int], bool]) -> list[bool]:
    """Run ``job`` in ``count`` threads that all start at the same moment."""
    start = threading.Barrier(count)

    def work(number: int) -> bool:
        start.wait()
        try:
            return job(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def _try_hold(workspace: Workspace, user: User, credits: int, code: uuid.UUID | None = None) -> bool:
    try:
        ledger.hold(code or uuid.uuid4(), workspace, user, Amounts(credits=credits, tokens=1))
    except LimitReached:
        return False
    return True


def _settle(code: uuid.UUID, credits: int) -> bool:
    entry = ledger.settle(
        code, Amounts(credits=credits, tokens=1), source="priced", provider_code="demo", model_id="m"
    )
    return entry is not None


def test_twenty_at_once_on_500_grant_exactly_six(workspace, bob):
    Limit.objects.create(workspace=workspace, unit=Unit.CREDITS, period=Period.DAY, amount=500)

    granted = _at_once(20, lambda _: _try_hold(workspace, bob, 75))

    assert granted.count(True) == 6
    assert LimitWindow.objects.get().held == 450
    assert ledger.audit() == []


def test_the_limits_of_two_members_and_of_all_hold_together(workspace, alice, bob):
    Limit.objects.create(workspace=workspace, unit=Unit.CREDITS, period=Period.DAY, amount=700)
    Limit.objects.create(workspace=workspace, member=bob, unit=Unit.CREDITS, period=Period.MONTH, amount=200)

    granted = _at_once(20, lambda n: _try_hold(workspace, (alice, bob)[n % 2], 75))

    assert granted.count(True) == 9
    assert Hold.objects.filter(user=bob).count() <= 2
    assert ledger.audit() == []


def test_one_run_settles_once_however_many_try(workspace, bob):
    Limit.objects.create(workspace=workspace, unit=Unit.CREDITS, period=Period.DAY, amount=500)
    code = uuid.uuid4()
    _try_hold(workspace, bob, 75, code)

    won = _at_once(12, lambda n: _settle(code, 60) if n % 2 else ledger.release(code))

    assert won.count(True) == 1
    assert LedgerEntry.objects.count() <= 1
    assert ledger.audit() == []


def test_a_limit_that_appears_meanwhile_counts_every_run(workspace, bob):
    codes = [uuid.uuid4() for _ in range(12)]
    for code in codes[:6]:
        _try_hold(workspace, bob, 10, code)

    def job(number: int) -> bool:
        if number == 3:
            Limit.objects.create(workspace=workspace, unit=Unit.CREDITS, period=Period.DAY, amount=10_000)
            return True
        return _settle(codes[number], 8) if number < 6 else _try_hold(workspace, bob, 10, codes[number])

    _at_once(12, job)
    # This run opens the window if none of the concurrent ones did.
    _try_hold(workspace, bob, 1)

    window = LimitWindow.objects.get()
    assert (window.used, window.held) == (5 * 8, 10 + 6 * 10 + 1)
    assert ledger.audit() == []


def test_it_never_exceeds_the_limit_in_a_storm(workspace, alice, bob):
    """Take, settle and release holds at random while ``used + held`` is observed."""
    amount = 400
    Limit.objects.create(workspace=workspace, unit=Unit.CREDITS, period=Period.DAY, amount=amount)
    over: list[int] = []

    def job(number: int) -> bool:
        chance = random.Random(number)
        for _ in range(8):
            code, credits = uuid.uuid4(), chance.randint(1, 120)
            if _try_hold(workspace, (alice, bob)[number % 2], credits, code):
                window = LimitWindow.objects.get()
                if window.used + window.held > amount:
                    over.append(window.used + window.held)
                if chance.random() < 0.5:
                    _settle(code, chance.randint(0, credits) // 8)
                else:
                    ledger.release(code)
        return True

    _at_once(16, job)

    assert over == []
    assert not Hold.objects.filter(state=Hold.State.OPEN).exists()
    assert ledger.audit() == []


def test_what_is_left_is_shared_without_a_gap_among_holds_that_take_any_room(workspace, bob):
    """Twenty take up to 60 of what is left and extend by it at once, while others give theirs back."""
    Limit.objects.create(workspace=workspace, unit=Unit.TOKENS, period=Period.DAY, amount=500)

    def sized(room: ledger.Room) -> Amounts:
        left = room.tokens(Amounts(0, 0), Decimal(0)) or 0
        return Amounts(credits=0, tokens=max(1, min(60, left)))

    def job(number: int) -> bool:
        code = uuid.uuid4()
        try:
            ledger.hold(code, workspace, bob, sized)
            ledger.extend(code, 60, Decimal(0))
        except LimitReached:
            return False
        return ledger.release(code) if number % 4 == 0 else True

    _at_once(20, job)

    assert LimitWindow.objects.get().held <= 500
    assert ledger.audit() == []
