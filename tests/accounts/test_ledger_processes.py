"""Two processes of 64 threads on one set of books, and processes that are killed between two statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import Sum

from accounts import ledger
from accounts.models import DaySum, Group, Hold, LedgerEntry, Limit, LimitRaise, LimitWindow, Membership
from tests.accounts.processes import start

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


def _process(*words: str, data: Path) -> subprocess.Popen[str]:
    return start("tests.accounts.ledger_process", *words, data=data)


@pytest.fixture
def limits(workspace, alice, bob, vera) -> list[Limit]:
    group = Group.objects.create(workspace=workspace, name="Design")
    group.members.set(Membership.objects.filter(user__in=(alice, bob)))
    kinds: list[dict[str, Any]] = [
        {"unit": "credits", "period": "day", "amount": 900},
        {"unit": "usd", "period": "ever", "amount": 1500},
        {"unit": "tokens", "period": "day", "amount": 400, "counts_each": True},
        {"unit": "output_tokens", "period": "week", "amount": 700, "group": group},
        {"unit": "credits", "period": "month", "amount": 600, "model_pattern": "demo/*"},
        {"unit": "concurrent", "period": "ever", "amount": 40},
        {"unit": "requests", "period": "day", "amount": 60, "role": "member", "counts_each": True},
    ]
    return [Limit.objects.create(workspace=workspace, **kind) for kind in kinds]


def test_the_books_hold_in_a_storm_of_two_processes(limits, tmp_path):
    processes = [_process("storm", str(number), data=tmp_path / str(number)) for number in range(2)]
    samples = 0
    while samples < 3 or any(process.poll() is None for process in processes):
        assert _passed() == []
        samples += 1

    assert [process.wait() for process in processes] == [0, 0]
    for process in processes:
        process.communicate()
    assert _passed() == []
    assert ledger.audit() == []
    for code in Hold.objects.filter(state=Hold.State.OPEN).values_list("run_code", flat=True):
        ledger.release(code)
    assert LedgerEntry.objects.exists()
    assert not LimitWindow.objects.filter(held__gt=0).exists()
    [entries] = LedgerEntry.objects.values("workspace").annotate(total=Sum("credits"))
    assert DaySum.objects.aggregate(total=Sum("credits"))["total"] == entries["total"]
    assert LimitWindow.objects.get(limit=limits[1]).used == entries["total"]
    assert ledger.audit() == []


def _passed() -> list[str]:
    """Return the windows that are above what their limit allows, with all that was ever added to it."""
    rows = list(LimitWindow.objects.values_list("limit", "limit__amount", "used", "held"))
    # A raise that came after these rows only allows more.
    raised = dict(LimitRaise.objects.values_list("limit").annotate(Sum("amount")))
    return [
        f"limit {limit}: {used} used and {held} held of {amount}"
        for limit, amount, used, held in rows
        if used + held > amount + raised.get(limit, 0)
    ]


def test_a_process_that_is_killed_at_any_statement_leaves_the_books_right(limits, tmp_path):
    killed = _process("kill", data=tmp_path)

    printed, _ = killed.communicate()

    assert killed.returncode == 0
    # Each of the three jobs has several statements, and transactions around them.
    assert int(printed) > 20
    assert ledger.audit() == []
