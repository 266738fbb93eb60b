"""The whole life of limits as a state machine, against a model of them in plain Python."""

from __future__ import annotations

import uuid
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts import ledger
from accounts.exceptions import LimitExists, LimitReached
from accounts.flows.exempt_from_limit import exempt_from_limit
from accounts.flows.set_limit import add_limit, change_limit, delete_limit
from accounts.ledger import Amounts, Target
from accounts.models import (
    DaySum,
    Group,
    LedgerEntry,
    Limit,
    LimitRaise,
    LimitWindow,
    Membership,
    Period,
    Unit,
    User,
    Workspace,
)

MODELS = ("demo/plain", "demo/large", "other")
ZONES = ("UTC", "Asia/Kolkata", "America/New_York")
# Half an hour before the clocks of New York go back, on the last day of a week.
BEGINNING = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)

people = st.integers(0, 2)
amounts = st.integers(0, 300)
scopes = st.fixed_dictionaries(
    {},
    optional={
        "who": st.sampled_from(["member", "group", "role"]),
        "counts_each": st.booleans(),
        "model_pattern": st.sampled_from(["demo/*", "*large", "other"]),
        "is_soft": st.booleans(),
    },
)


@dataclass
class Ran:
    """A run of the model: what it holds, or what it has used once it has ended."""

    person: int
    model: str
    at: datetime
    held: dict[str, int]
    used: dict[str, int] | None = None

    def amount(self, unit: str, *, is_open: bool) -> int:
        counted = "credits" if unit == Unit.USD else unit
        if is_open != (self.used is None):
            return 0
        return (self.held if self.used is None else self.used).get(counted, 0)


@dataclass
class Known:
    """A limit of the model, with the runs that count in each of its windows."""

    row: Limit
    raises: list[tuple[int | None, int, datetime]] = field(default_factory=list)
    exempt: set[int] = field(default_factory=set)
    windows: dict[tuple[int | None, datetime], set[uuid.UUID]] = field(default_factory=dict)


def start_of(period: str, at: datetime, zone: str) -> datetime:
    local = at.astimezone(ZoneInfo(zone))
    if period == "ever":
        return datetime(1970, 1, 1, tzinfo=UTC)
    if period == "minute":
        return at.replace(second=0, microsecond=0)
    if period == "hour":
        return at - timedelta(minutes=local.minute, seconds=local.second)
    day = local.date()
    if period == "week":
        day -= timedelta(days=day.weekday())
    if period == "month":
        day = day.replace(day=1)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


class LimitLife(RuleBasedStateMachine):
    def __init__(self, workspace: Workspace, people: tuple[User, ...], clock: dict[str, datetime]) -> None:
        super().__init__()
        self.workspace, self.people, self.clock = workspace, people, clock

    @initialize()
    def begin(self) -> None:
        self.clock["now"] = BEGINNING
        # The next example begins with empty books.
        self.example = transaction.atomic()
        self.example.__enter__()
        self.group = Group.objects.create(workspace=self.workspace, name=uuid.uuid4().hex)
        self.in_group: set[int] = set()
        self.workspace.time_zone = "UTC"
        self.limits: list[Known] = []
        self.runs: dict[uuid.UUID, Ran] = {}

    @rule(scope=scopes, unit=st.sampled_from(Unit), period=st.sampled_from(Period), amount=amounts)
    def add(self, scope: dict[str, Any], unit: Unit, period: Period, amount: int) -> None:
        scope = dict(scope)
        who = scope.pop("who", "")
        if who == "member":
            scope |= {"member": self.people[0], "counts_each": False}
        elif who == "group":
            scope["group"] = self.group
        elif who == "role":
            scope["role"] = "member"
        period = Period.EVER if unit == Unit.CONCURRENT else period
        limit = Limit(workspace=self.workspace, unit=unit, period=period, amount=amount, **scope)
        with suppress(LimitExists):
            self.limits.append(Known(add_limit(limit, actor=self.people[0])))

    @precondition(lambda self: self.limits)
    @rule(at=st.integers(0, 99), amount=amounts)
    def change(self, at: int, amount: int) -> None:
        known = self.limits[at % len(self.limits)]
        known.row = change_limit(known.row, amount, actor=self.people[0])

    @precondition(lambda self: self.limits)
    @rule(at=st.integers(0, 99))
    def delete(self, at: int) -> None:
        delete_limit(self.limits.pop(at % len(self.limits)).row, actor=self.people[0])

    @precondition(lambda self: self.limits)
    @rule(at=st.integers(0, 99), person=st.none() | people, amount=amounts, hours=st.integers(1, 30))
    def raise_for_a_while(self, at: int, person: int | None, amount: int, hours: int) -> None:
        known = self.limits[at % len(self.limits)]
        ends_at = self.clock["now"] + timedelta(hours=hours)
        member = None if person is None else self.people[person]
        LimitRaise.objects.create(limit=known.row, member=member, amount=amount, ends_at=ends_at)
        known.raises.append((person, amount, ends_at))

    @precondition(lambda self: self.limits)
    @rule(at=st.integers(0, 99), person=people)
    def exempt(self, at: int, person: int) -> None:
        known = self.limits[at % len(self.limits)]
        exempt_from_limit(known.row, member=self.people[person], actor=self.people[0])
        known.exempt.add(person)

    @rule(person=people)
    def enter_or_leave_the_group(self, person: int) -> None:
        membership = Membership.objects.get(workspace=self.workspace, user=self.people[person])
        if person in self.in_group:
            self.group.members.remove(membership)
        else:
            self.group.members.add(membership)
        self.in_group ^= {person}

    @rule(minutes=st.sampled_from([1, 25, 60, 600, 1440, 10_000]))
    def wait(self, minutes: int) -> None:
        self.clock["now"] += timedelta(minutes=minutes)

    @rule(zone=st.sampled_from(ZONES))
    def move(self, zone: str) -> None:
        self.workspace.time_zone = zone
        self.workspace.save(update_fields=["time_zone"])

    @rule(person=people, model=st.sampled_from(MODELS), read=st.integers(0, 40), written=st.integers(0, 60))
    def hold(self, person: int, model: str, read: int, written: int) -> None:
        held = {
            "credits": 2 * read + written,
            "tokens": read + written,
            "requests": 1,
            "concurrent": 1,
            "input_tokens": read,
            "output_tokens": written,
        }
        now = self.clock["now"]
        ran = Ran(person, model, now, held)
        asked = [known for known in self.limits if self._binds(known, person) and known.row.takes(model)]
        refused = any(
            ran.amount(known.row.unit, is_open=True) > self._left(known, person)
            for known in asked
            if not known.row.is_soft and ran.amount(known.row.unit, is_open=True)
        )
        code = uuid.uuid4()
        estimate = Amounts(
            held["credits"], held["tokens"], input_tokens=held["input_tokens"], output_tokens=written
        )
        try:
            # A refusal undoes the transaction of its request.
            with transaction.atomic():
                ledger.hold(code, self.workspace, self.people[person], estimate, Target("demo", model))
        except LimitReached:
            assert refused
            return
        assert not refused
        for known in asked:
            self._window(known, person).add(code)
        self.runs[code] = ran

    @precondition(lambda self: self._open())
    @rule(at=st.integers(0, 99), tokens=st.integers(1, 80))
    def extend(self, at: int, tokens: int) -> None:
        code = self._one(at)
        ran = self.runs[code]
        counted = [
            known
            for known in self.limits
            for (_, start), codes in known.windows.items()
            if code in codes
            and not known.row.is_soft
            and known.row.unit in {"credits", "usd", "tokens", "output_tokens"}
            and start is not None
        ]
        left = min((self._rest(known, code) for known in counted), default=tokens)
        try:
            granted = ledger.extend(code, tokens, Decimal(1))
        except LimitReached:
            assert left <= 0
            return
        assert granted == min(tokens, left)
        for unit in ("credits", "tokens", "output_tokens"):
            ran.held[unit] += granted

    @precondition(lambda self: self._open())
    @rule(at=st.integers(0, 99), read=st.integers(0, 50), written=st.integers(0, 90), more=st.integers(0, 9))
    def settle(self, at: int, read: int, written: int, more: int) -> None:
        code = self._one(at)
        ran = self.runs[code]
        ran.used = {
            "credits": read + written + more,
            "tokens": read + written,
            "requests": 1,
            "input_tokens": read,
            "output_tokens": written,
        }
        for _ in range(2):
            ledger.settle(
                code,
                Amounts(ran.used["credits"], ran.used["tokens"]),
                source="priced",
                provider_code="demo",
                model_id=ran.model,
                input_tokens=read,
                output_tokens=written,
            )

    @precondition(lambda self: self._open())
    @rule(at=st.integers(0, 99))
    def release(self, at: int) -> None:
        code = self._one(at)
        assert ledger.release(code)
        assert not ledger.release(code)
        self.runs[code].used = {}

    @invariant()
    def the_windows_are_those_of_the_model(self) -> None:
        if not hasattr(self, "runs"):
            return
        stored = {
            (window.limit_id, window.member_id, window.starts_at): (window.used, window.held)
            for window in LimitWindow.objects.all()
        }
        expected = {
            (known.row.pk, None if person is None else self.people[person].pk, start): (
                self._sum(known, codes, is_open=False),
                self._sum(known, codes, is_open=True),
            )
            for known in self.limits
            for (person, start), codes in known.windows.items()
        }
        assert stored == expected

    def teardown(self) -> None:
        if not hasattr(self, "runs"):
            return
        try:
            self._check_sums()
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    def _check_sums(self) -> None:
        # The audit names holds that were never closed.
        for code in self._open():
            ledger.release(code)
            self.runs[code].used = {}
        self.the_windows_are_those_of_the_model()
        assert ledger.audit() == []
        total = sum(ran.used.get("credits", 0) for ran in self.runs.values() if ran.used)
        for model in (LedgerEntry, DaySum):
            assert (model.objects.aggregate(total=Sum("credits"))["total"] or 0) == total

    def _open(self) -> list[uuid.UUID]:
        return [code for code, ran in getattr(self, "runs", {}).items() if ran.used is None]

    def _one(self, at: int) -> uuid.UUID:
        found = self._open()
        return found[at % len(found)]

    def _binds(self, known: Known, person: int) -> bool:
        return person not in known.exempt and self._is_of(known.row, person)

    def _is_of(self, limit: Limit, person: int) -> bool:
        if limit.member_id is not None:
            return limit.member_id == self.people[person].pk
        if limit.group_id is not None:
            return person in self.in_group
        # The first of the three is an owner.
        return not limit.role or person != 0

    def _window(self, known: Known, person: int) -> set[uuid.UUID]:
        limit = known.row
        key = (
            person if limit.counts_each else None,
            start_of(limit.period, self.clock["now"], self.workspace.time_zone),
        )
        if key not in known.windows:
            known.windows[key] = self._so_far(known, *key)
        return known.windows[key]

    def _so_far(self, known: Known, person: int | None, start: datetime) -> set[uuid.UUID]:
        return {
            code
            for code, ran in self.runs.items()
            if ran.at >= start
            and known.row.takes(ran.model)
            and (ran.person == person if person is not None else self._binds(known, ran.person))
            and ran.person not in known.exempt
        }

    def _left(self, known: Known, person: int) -> int:
        limit = known.row
        key = (
            person if limit.counts_each else None,
            start_of(limit.period, self.clock["now"], self.workspace.time_zone),
        )
        codes = known.windows.get(key)
        codes = self._so_far(known, *key) if codes is None else codes
        return self._allowed(known, person) - self._total(known, codes)

    def _rest(self, known: Known, code: uuid.UUID) -> int:
        return min(
            self._allowed(known, self.runs[code].person) - self._total(known, codes)
            for codes in known.windows.values()
            if code in codes
        )

    def _allowed(self, known: Known, person: int) -> int:
        raised = sum(
            amount
            for whose, amount, ends_at in known.raises
            if whose in (None, person) and ends_at > self.clock["now"]
        )
        return known.row.amount + raised

    def _total(self, known: Known, codes: set[uuid.UUID]) -> int:
        return sum(self._sum(known, codes, is_open=is_open) for is_open in (False, True))

    def _sum(self, known: Known, codes: set[uuid.UUID], *, is_open: bool) -> int:
        return sum(self.runs[code].amount(known.row.unit, is_open=is_open) for code in codes)


@pytest.mark.django_db
def test_limits_do_what_a_model_in_plain_python_does(workspace, alice, bob, vera, monkeypatch):
    Membership.objects.filter(user__in=(bob, vera)).update(role="member")
    clock: dict[str, datetime] = defaultdict(lambda: BEGINNING)
    for module in ("booking", "extending", "remaining", "auditing"):
        monkeypatch.setattr(f"accounts.ledger.{module}.now", lambda: clock["now"])
    run_state_machine_as_test(
        lambda: LimitLife(workspace, (alice, bob, vera), clock),  # type: ignore[arg-type]
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
