"""Computes what limits count: from ledger entries, their sums by day, and open holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from accounts.ledger.day_sums import day_of, whole_sum
from accounts.models import DaySum, Group, Hold, LedgerEntry, Limit, LimitExemption, Membership, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from accounts.ledger.periods import Span

_Row = TypeVar("_Row", Hold, LedgerEntry, DaySum)


class Tally(NamedTuple):
    used: int
    held: int


@dataclass(frozen=True, slots=True)
class Subject:
    """A limit and the people whose runs are counted together; None is everybody, also former members."""

    limit: Limit
    people: frozenset[int] | None
    exempt: frozenset[int] = frozenset()

    @property
    def is_of_all(self) -> bool:
        """Whether it does not matter whose a run is."""
        return self.people is None and not self.exempt

    def counts(self, row: Any) -> bool:
        """Tell whether a row of ``user``, ``provider_code``, ``model_id`` and ``key_code`` counts."""
        limit, user = self.limit, row.get("user")
        return (
            # The window of a batch is opened before its first run, so no earlier run counts there.
            limit.batch is None
            and (self.people is None or user in self.people)
            and user not in self.exempt
            and limit.provider_code in ("", row.get("provider_code"))
            and (limit.api_key is None or str(limit.api_key.code) == row.get("key_code"))
            and limit.takes(row.get("model_id", ""))
        )


def subjects(limits: Sequence[Limit], members: Sequence[int | None]) -> list[Subject]:
    """Return the people of each limit as they are now; of one that counts each person, only its member."""
    groups = _members_of_groups(limits)
    roles = _members_of_roles(limits)
    exempt = _exempt(limits)
    found = []
    for limit, member in zip(limits, members, strict=True):
        people: frozenset[int] | None = None
        if limit.counts_each:
            people = frozenset() if member is None else frozenset({member})
        elif limit.member_id is not None:
            people = frozenset({limit.member_id})
        elif limit.group_id is not None:
            people = groups.get(limit.group_id, frozenset())
        elif limit.role:
            people = roles.get((limit.workspace_id, limit.role), frozenset())
        found.append(Subject(limit, people, exempt.get(limit.pk, frozenset())))
    return found


def subject(limit: Limit, member: int | None) -> Subject:
    return subjects([limit], [member])[0]


def _members_of_groups(limits: Iterable[Limit]) -> dict[int, frozenset[int]]:
    keys = {limit.group_id for limit in limits if limit.group_id is not None and not limit.counts_each}
    return _gathered(Group.objects.filter(pk__in=keys).values_list("pk", "members__user")) if keys else {}


def _members_of_roles(limits: Iterable[Limit]) -> dict[tuple[int, str], frozenset[int]]:
    of_roles = [limit for limit in limits if limit.role and not limit.counts_each]
    if not of_roles:
        return {}
    memberships = Membership.objects.filter(
        workspace__in={limit.workspace_id for limit in of_roles}, role__in={limit.role for limit in of_roles}
    ).values_list("workspace", "role", "user")
    return _gathered(((workspace, role), user) for workspace, role, user in memberships)


def _exempt(limits: Iterable[Limit]) -> dict[int, frozenset[int]]:
    keys = [limit.pk for limit in limits if limit.has_exempted]
    if not keys:
        return {}
    exemptions = LimitExemption.objects.filter(limit__in=keys)
    rows = exemptions.values_list("limit", "member", "group__members__user")
    return _gathered((limit, member or in_group) for limit, member, in_group in rows)


def _gathered(pairs: Iterable[tuple[Any, int | None]]) -> dict[Any, frozenset[int]]:
    found: dict[Any, set[int]] = {}
    for key, user in pairs:
        if user is not None:
            found.setdefault(key, set()).add(user)
    return {key: frozenset(users) for key, users in found.items()}


def tally(asked: Sequence[tuple[Subject, Span]], *, from_entries: bool = False) -> list[Tally]:
    """Compute what subjects of one workspace have used and hold in their spans, in the same order.

    ``from_entries`` adds up entries instead of their sums by day, however many there are.
    """
    used = [0] * len(asked)
    for span in {span for _, span in asked}:
        places = [place for place, (_, its_span) in enumerate(asked) if its_span == span]
        # Sums of everybody are the largest ones, and need not be told apart by people.
        for is_of_all in (True, False):
            alike = [place for place in places if asked[place][0].is_of_all is is_of_all]
            counted = [asked[place][0] for place in alike]
            rows = _summed(counted, span, from_entries) if counted else []
            for place, each in zip(alike, counted, strict=True):
                column = Unit(each.limit.unit).column
                used[place] = sum(row[column] or 0 for row in rows if column and each.counts(row))
    holds = _open_since(asked) if asked else []
    return [Tally(amount, _held(holds, *each)) for amount, each in zip(used, asked, strict=True)]


def _open_since(asked: Sequence[tuple[Subject, Span]]) -> list[Hold]:
    """Return the open holds that may count. They are those of runs at this moment, which are not many."""
    start = min(span.starts_at for _, span in asked)
    holds = _of_people(Hold.objects.filter(state=Hold.State.OPEN), [each for each, _ in asked])
    return list(holds.filter(created_at__gte=start))


def _held(holds: Iterable[Hold], subject: Subject, span: Span) -> int:
    return sum(
        amount_of(hold, subject.limit.unit)
        for hold in holds
        if span.starts_at <= hold.created_at
        and (span.ends_at is None or hold.created_at < span.ends_at)
        and counts_hold(subject, hold)
    )


def open_holds(counted: Sequence[Subject], span: Span) -> list[Hold]:
    """Lock and return the open holds of a span that may count for any of the subjects."""
    holds = _of_people(Hold.objects.filter(state=Hold.State.OPEN), counted)
    return list(_between(holds, "created_at", span).select_for_update().order_by("pk"))


def counts_hold(subject: Subject, hold: Hold) -> bool:
    facts = {name: getattr(hold, name) for name in ("provider_code", "model_id", "key_code")}
    return subject.counts({"user": hold.user_id, **facts})


def amount_of(hold: Hold, unit: str) -> int:
    """Return what a hold reserves in a unit."""
    column = Unit(unit).column
    return getattr(hold, column) if column else 1


def _fields(counted: Sequence[Subject]) -> list[str]:
    """Return the columns that tell rows apart, as few as the limits need."""
    fields = [] if all(each.is_of_all for each in counted) else ["user"]
    if any(each.limit.model_pattern for each in counted):
        fields.append("model_id")
    if any(each.limit.provider_code for each in counted):
        fields.append("provider_code")
    if any(each.limit.api_key_id is not None for each in counted):
        fields.append("key_code")
    return fields


def _summed(counted: Sequence[Subject], span: Span, from_entries: bool) -> list[dict[str, Any]]:
    """Return the sums of a span by the fields that its limits need, in their units' columns."""
    columns = {column for each in counted if (column := Unit(each.limit.unit).column)}
    if not columns:
        return []
    fields = _fields(counted)
    sums = {f"sum_of_{name}": whole_sum(name) for name in sorted(columns)}
    found = []
    for rows in _costs(counted, span, from_entries):
        grouped = rows.order_by().values(*fields).annotate(**sums) if fields else [rows.aggregate(**sums)]
        found += [{name.removeprefix("sum_of_"): value for name, value in row.items()} for row in grouped]
    return found


def _costs(counted: Sequence[Subject], span: Span, from_entries: bool) -> Iterator[QuerySet[Any]]:
    """Yield the rows of a span: sums of its whole days (UTC), and entries before and after these."""
    entries = _of_people(LedgerEntry.objects.all(), counted)
    first, last = _whole_days(span)
    if from_entries or (last is not None and first >= last):
        yield _between(entries, "held_at", span)
        return
    sums = _of_people(DaySum.objects.all(), counted).filter(day__gte=first)
    yield sums if last is None else sums.filter(day__lt=last)
    if span.starts_at < _start(first):
        yield entries.filter(held_at__gte=span.starts_at, held_at__lt=_start(first))
    if last is not None and span.ends_at is not None and _start(last) < span.ends_at:
        yield entries.filter(held_at__gte=_start(last), held_at__lt=span.ends_at)


def _whole_days(span: Span) -> tuple[date, date | None]:
    """Return the first whole day of a span, and the day after its last one."""
    first = day_of(span.starts_at)
    if _start(first) < span.starts_at:
        first += timedelta(days=1)
    return first, None if span.ends_at is None else day_of(span.ends_at)


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _between(rows: QuerySet[_Row], column: str, span: Span) -> QuerySet[_Row]:
    rows = rows.filter(**{f"{column}__gte": span.starts_at})
    return rows.filter(**{f"{column}__lt": span.ends_at}) if span.ends_at else rows


def _of_people(rows: QuerySet[_Row], counted: Sequence[Subject]) -> QuerySet[_Row]:
    rows = rows.filter(workspace=counted[0].limit.workspace_id)
    people: set[int] = set()
    for each in counted:
        if each.people is None:
            return rows
        people |= each.people
    return rows.filter(user__in=people)
