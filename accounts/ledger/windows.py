"""The windows of limits: found, computed from holds and entries, and opened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    DateTimeField,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    Subquery,
    Sum,
    UUIDField,
    Value,
)
from django.db.models.functions import Coalesce

from accounts.inserting import insert, insert_all
from accounts.ledger.periods import Span, spans_in
from accounts.ledger.tallies import (
    Tally,
    amount_of,
    counts_hold,
    open_holds,
    subject,
    subjects,
    tally,
)
from accounts.models import (
    HoldPart,
    Limit,
    LimitExemption,
    LimitRaise,
    LimitWindow,
    Membership,
    Period,
)
from accounts.prepared import prepared
from accounts.statements import send

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from accounts.ledger.target import Target
    from accounts.models import User, Workspace
    from accounts.statements import Call


@dataclass(frozen=True, slots=True)
class Current:
    """A limit in one of its periods, with what people add to it for a while.

    ``window``, its key, is 0 before the first run of the period; then ``used`` and ``held`` are not known.
    """

    limit: Limit
    member: int | None
    span: Span
    window: int = 0
    used: int = 0
    held: int = 0
    raised: int = 0
    # The person whose window this is, for pages that name them.
    person: User | None = None

    @property
    def allowed(self) -> int:
        return self.limit.amount + self.raised

    @property
    def rest(self) -> int:
        """The amount that is neither used nor held; negative where more was used than is allowed."""
        return self.allowed - self.used - self.held

    @property
    def left(self) -> int:
        return max(0, self.rest)


# No batch has this code. A prepared query takes no None.
_NO_BATCH = UUID(int=0)


def current_for(workspace: Workspace, user: User, at: datetime, batch: UUID | None = None) -> list[Current]:
    """Return every limit that may bind ``user``, in the order in which they are locked, from one query.

    That of a batch binds only its own runs.
    """
    spans = spans_in(workspace, at)
    [found] = send(_limits_binding(workspace, user, at, batch, spans))
    return _currents(found, user, spans)


def _limits_binding(
    workspace: Workspace, user: User, at: datetime, batch: UUID | None, spans: Mapping[str, Span]
) -> Call:
    starts = {period: span.starts_at for period, span in spans.items()}
    return _current_for.call(workspace=workspace.pk, user=user.pk, at=at, batch=batch or _NO_BATCH, **starts)


def _currents(limits: Iterable[Any], user: User, spans: Mapping[str, Span]) -> list[Current]:
    return [_current(limit, spans, user.pk if limit.counts_each else None) for limit in limits]


def current_of(workspace: Workspace, limits: QuerySet[Limit], at: datetime) -> list[Current]:
    """Return limits of a workspace as they are for everybody, from one query.

    One that counts each person has no window here.
    """
    spans = spans_in(workspace, at)
    starts = {period: span.starts_at for period, span in spans.items()}
    found: Iterable[Any] = _with_windows(limits, starts, at, Q(windows__member=None), Q(member=None))
    return [_current(limit, spans, None) for limit in found]


def _current(limit: Any, spans: Mapping[str, Span], member: int | None) -> Current:
    span = spans[limit.period]
    if limit.window is None:
        return Current(limit, member, span, raised=limit.raised)
    return Current(limit, member, span, limit.window, limit.used, limit.held, limit.raised)


@prepared(
    workspace=BigIntegerField(),
    user=BigIntegerField(),
    at=DateTimeField(),
    batch=UUIDField(),
    **{period: DateTimeField() for period in Period.values},
)
def _current_for(workspace: Any, user: Any, at: Any, batch: Any, **starts: Any) -> QuerySet[Limit]:
    mine = Q(windows__member=None) | Q(windows__member=user)
    return (
        _with_windows(_binding(workspace, user, batch), starts, at, mine, Q(member=None) | Q(member=user))
        .order_by("pk")
        .defer(*_UNUSED)
    )


# A prompt reads none of these columns, and making their values takes a while.
_UNUSED = ("code", "notify_at", "created_at", "created_by")


def _binding(workspace: Any, user: Any, batch: Any) -> QuerySet[Limit]:
    membership = Membership.objects.filter(workspace=workspace, user=user)
    exempt = LimitExemption.objects.filter(
        Q(member=user) | Q(group__members__user=user), limit=OuterRef("pk")
    )
    return Limit.objects.filter(
        Q(member=None) | Q(member=user),
        Q(group=None) | Exists(membership.filter(groups=OuterRef("group"))),
        Q(role="") | Exists(membership.filter(role=OuterRef("role"))),
        Q(has_exempted=False) | ~Exists(exempt),
        Q(batch=None) | Q(batch=batch),
        workspace=workspace,
    )


def _with_windows(
    limits: QuerySet[Limit], starts: Mapping[str, Any], at: Any, of_windows: Q, of_raises: Q
) -> QuerySet[Limit]:
    started = Q()
    for period, starts_at in starts.items():
        started |= Q(period=period, windows__starts_at=starts_at)
    # The name becomes SQL, and "window" is a reserved word in PostgreSQL.
    return limits.annotate(
        current=FilteredRelation("windows", condition=started & of_windows),
        window=F("current__pk"),
        used=F("current__used"),
        held=F("current__held"),
        raised=raised_for(at, of_raises),
    )


def fullest_of_each(currents: Sequence[Current]) -> list[Current]:
    """Return limits with the windows of those who have used most, where a limit counts each person."""
    wanted = Q()
    for each in currents:
        if each.limit.counts_each:
            wanted |= Q(limit=each.limit, starts_at=each.span.starts_at)
    if not wanted:
        return list(currents)
    windows = LimitWindow.objects.filter(wanted, member__isnull=False).order_by(F("used") + F("held"))
    fullest = {window.limit_id: window for window in windows.select_related("member")}
    return [
        replace(each, **_facts(fullest.get(each.limit.pk))) if each.limit.counts_each else each
        for each in currents
    ]


def people_under(limit: Limit, at: datetime) -> list[Current] | None:
    """Return a limit as it is for each person who has used of it; None if it does not count each person."""
    if not limit.counts_each:
        return None
    span = spans_in(limit.workspace, at)[limit.period]
    windows = LimitWindow.objects.filter(limit=limit, starts_at=span.starts_at, member__isnull=False)
    raises = raised_for(at, Q(member=None) | Q(member=OuterRef("member")), "limit")
    found: Iterable[Any] = windows.select_related("member").annotate(raised=raises)
    return [
        Current(limit, window.member_id, span, raised=window.raised, **_facts(window)) for window in found
    ]


def _facts(window: LimitWindow | None) -> dict[str, Any]:
    if window is None:
        return {}
    return {"window": window.pk, "used": window.used, "held": window.held, "person": window.member}


def raised_for(at: Any, of_raises: Q, limit: str = "pk") -> Coalesce:
    """Return the expression of what is added to a limit at a time. ``limit`` names its key in the query."""
    running = LimitRaise.objects.filter(of_raises, limit=OuterRef(limit), ends_at__gt=at)
    added = running.order_by().values("limit").annotate(sum_of_amounts=Sum("amount"))
    return Coalesce(Subquery(added.values("sum_of_amounts")), Value(0), output_field=BigIntegerField())


def computed(currents: Sequence[Current]) -> list[Current]:
    """Return limits with what was used and is held, in the same order, computed where there is no window.

    Needs few queries for each period that has no window. All are of one workspace.
    """
    found = list(currents)
    places = [place for place, each in enumerate(found) if not each.window]
    missing = [found[place] for place in places]
    counted = subjects([each.limit for each in missing], [each.member for each in missing])
    tallies = tally([(each, current.span) for each, current in zip(counted, missing, strict=True)])
    for place, each in zip(places, tallies, strict=True):
        found[place] = replace(found[place], used=each.used, held=each.held)
    return found


def open_windows(workspace: Workspace, user: User, target: Target, at: datetime) -> list[Current]:
    """Return every limit that counts a run of ``user`` there, each with its window for the period of ``at``.

    Missing windows are opened, so the workspace is locked. A window starts with the sums of its period so
    far: a limit that is set at noon counts the morning. Open holds become parts of the window, so that they
    settle into it.
    """
    spans = spans_in(workspace, at)
    [limits] = workspace.lock_and_read(_limits_binding(workspace, user, at, target.batch, spans))
    found = [each for each in _currents(limits, user, spans) if target.is_under(each.limit)]
    return [each if each.window else _open_window(each) for each in found]


def _open_window(current: Current) -> Current:
    counting, span = subject(current.limit, current.member), current.span
    # The holds are locked before costs are summed, so a run that settles at the same moment counts once.
    holds = [hold for hold in open_holds([counting], span) if counts_hold(counting, hold)]
    [counted] = tally([(counting, span)])
    window = insert(
        LimitWindow(
            limit=current.limit,
            member_id=current.member,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            used=counted.used,
            held=counted.held,
            opened_with=counted.used,
        )
    )
    unit = current.limit.unit
    insert_all([HoldPart(hold=hold, window=window, amount=amount_of(hold, unit)) for hold in holds])
    return replace(current, window=window.pk, used=counted.used, held=counted.held)


def is_of_a_fixed_kind(limit: Limit) -> bool:
    """Tell whether a window can be computed again later: nobody enters or leaves the limit's people.

    Entries do not name their batch, so the window of a batch agrees with its parts alone.
    """
    return limit.group_id is None and not limit.role and not limit.has_exempted and limit.batch is None


def tally_of_entries(window: LimitWindow) -> Tally:
    """Compute a window from holds and entries alone, however many there are."""
    counting = subject(window.limit, window.member_id)
    return tally([(counting, Span(window.starts_at, window.ends_at))], from_entries=True)[0]
