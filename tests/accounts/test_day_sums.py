"""The sums of days equal what the entries add up to, whatever happens to either."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import ledger
from accounts.flows.set_limit import add_limit
from accounts.ledger import Amounts, By
from accounts.models import DaySum, Hold, LedgerEntry, Limit, Period, Unit, User
from accounts.money import cost_in_usd

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

pytestmark = pytest.mark.django_db

FIRST = datetime(2026, 2, 27, tzinfo=UTC)
DAYS = 5
PEOPLE = 3

runs = st.fixed_dictionaries(
    {
        "who": st.integers(0, PEOPLE - 1),
        # Some are held in the first and the last microsecond of a day.
        "at": st.tuples(st.integers(0, DAYS - 1), st.sampled_from([0, 1, 86_399_999_999, 43_200_000_000])),
        "model": st.sampled_from(["a", "b", "b "]),
        "provider": st.sampled_from(["one", "two"]),
        "credits": st.integers(0, 10**12),
        "tokens": st.integers(0, 10**9),
        # The upstream may report more places than the ledger has.
        "usd": st.none() | st.decimals(0, 1_000_000, places=9) | st.decimals(0, 1, places=12),
        "source": st.sampled_from(LedgerEntry.Source.values),
    }
)
removals = st.integers(0, PEOPLE - 1)


def spend(workspace: Any, users: list[User | None], run: dict[str, Any]) -> None:
    user, code = users[run["who"]], uuid.uuid4()
    if user is None:
        return
    ledger.hold(code, workspace, user, Amounts(credits=1, tokens=1))
    day, microseconds = run["at"]
    held_at = FIRST + timedelta(days=day, microseconds=microseconds)
    Hold.objects.filter(run_code=code).update(created_at=held_at)
    ledger.settle(
        code,
        Amounts(credits=run["credits"], tokens=run["tokens"]),
        source=run["source"],
        provider_code=run["provider"],
        model_id=run["model"],
        usd=run["usd"],
    )


def plain_sums(
    entries: list[LedgerEntry], key: Callable[[LedgerEntry], Any]
) -> dict[Any, tuple[int, Decimal, int, int, int]]:
    """Add the entries up one by one: credits, dollars, tokens, runs and estimates by the key."""
    found: dict[Any, Any] = defaultdict(lambda: (0, Decimal(0), 0, 0, 0))
    for entry in entries:
        own = (
            entry.credits,
            cost_in_usd(entry.usd, entry.credits),
            entry.tokens,
            1,
            int(entry.source == "estimated"),
        )
        found[key(entry)] = tuple(a + b for a, b in zip(found[key(entry)], own, strict=True))
    return dict(found)


def reported(rows: list[ledger.Spent], key: Callable[[Any], Any]) -> dict[Any, Any]:
    sums = {key(row.what): (row.credits, row.usd, row.tokens, row.runs, row.estimates) for row in rows}
    assert len(sums) == len(rows)
    # Days without a run between others have a row of their own.
    return {key: each for key, each in sums.items() if each[3]}


KEYS: list[tuple[By, Callable[[Any], Any], Callable[[LedgerEntry], Any]]] = [
    (By.DAY, lambda day: day, lambda entry: entry.held_at.date()),
    (By.MODEL, tuple, lambda entry: (entry.provider_code, entry.model_id)),
    (By.PROVIDER, str, lambda entry: entry.provider_code),
    (By.PERSON, lambda person: getattr(person, "pk", None), lambda entry: entry.user_id),
    (By.GROUP, lambda _: "", lambda _: ""),
]


def check(workspace: Any, first: date, last: date, user: User | None) -> None:
    entries = [
        entry
        for entry in LedgerEntry.objects.filter(workspace=workspace)
        if first <= entry.held_at.date() <= last and user in (None, entry.user)
    ]
    days = ledger.Days(workspace, first, last, user)
    for by, of_row, of_entry in KEYS:
        report = ledger.report(days, by)
        assert reported([report.total], str) == plain_sums(entries, lambda _: "")
        assert reported(report.rows, of_row) == plain_sums(entries, of_entry)
        # The series of a chart are the same sums, divided among the days.
        series = ledger.series_of(report)
        found = [(row.what, row.usd) for each in series for row in each.days.values()]
        assert sum(usd for _, usd in found) == report.total.usd
        assert {day for day, _ in found} >= {entry.held_at.date() for entry in entries}


@given(
    st.lists(runs | removals, max_size=25),
    st.tuples(st.integers(0, DAYS - 1), st.integers(0, DAYS - 1)).map(sorted),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_they_equal_plain_sums_of_the_entries(workspace, steps, days):
    first, last = ((FIRST + timedelta(days=day)).date() for day in days)
    with transaction.atomic():
        users: list[User | None] = [User.objects.create(email=f"p{n}@example.org") for n in range(PEOPLE)]
        for step in steps:
            if isinstance(step, dict):
                spend(workspace, users, step)
            elif (user := users[step]) is not None:
                user.delete()
                users[step] = None

        for user in [None, *filter(None, users)]:
            check(workspace, first, last, user)
        assert ledger.audit() == []
        transaction.set_rollback(True)


def sums() -> list[tuple[Any, ...]]:
    columns = [field.attname for field in DaySum._meta.concrete_fields if field.name != "id"]
    return sorted(DaySum.objects.values_list(*columns), key=str)


@given(st.lists(runs, max_size=25))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_entries_of_an_earlier_version_are_summed_alike(workspace, steps):
    with transaction.atomic():
        users: list[User | None] = [User.objects.create(email=f"p{n}@example.org") for n in range(PEOPLE)]
        for step in steps:
            spend(workspace, users, step)
        before = sums()
        DaySum.objects.all().delete()

        migration = import_module("accounts.migrations.0010_counts_of_tokens")
        migration.count_tokens(None, SimpleNamespace(connection=connection))

        assert sums() == before
        transaction.set_rollback(True)


def test_a_new_limit_starts_with_the_sums_of_its_period(workspace, bob):
    code = uuid.uuid4()
    ledger.hold(code, workspace, bob, Amounts(credits=9, tokens=9))
    ledger.settle(
        *(code, Amounts(7, 30)),
        source="priced",
        provider_code="demo",
        model_id="demo/plain",
        input_tokens=20,
        output_tokens=10,
    )
    for unit in Unit:
        add_limit(Limit(workspace=workspace, unit=unit, period=Period.EVER, amount=100), actor=bob)

    with CaptureQueriesContext(connection) as queries:
        used = {each.unit: each.used for each in ledger.allowances(workspace, bob)}

    assert used == {
        "usd": 7,
        "credits": 7,
        "tokens": 30,
        "input_tokens": 20,
        "output_tokens": 10,
        "requests": 1,
        "concurrent": 0,
    }
    assert not any("accounts_ledgerentry" in query["sql"] for query in queries)
