from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.timezone import now

from chat.models import QUEUE_LEASE, Run
from playground.models import ProviderSetting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.db.models import QuerySet

# A run that another process was asked for is left to it for so long: it is about to begin there.
COURTESY = timedelta(seconds=1)


class Line(NamedTuple):
    """Who waits for the same places: the runs of a workspace at a provider that it set places for."""

    workspace_id: int
    provider_code: str


class Waiting(NamedTuple):
    """A run that has not begun, in the order in which they were opened."""

    pk: int
    code: UUID
    member: int | None
    line: Line
    created_at: datetime
    lease_expires_at: datetime


@dataclass(slots=True)
class Seating:
    """One look at the queue: runs that are ours now, and how many are before each of the others."""

    claimed: list[Run] = field(default_factory=list)
    before: dict[UUID, int] = field(default_factory=dict)


def claim_runs(owner: str, room: int, asked: Collection[int] = ()) -> Seating:
    """Take the leases of queued runs that there is a place for, as many as ``room``, in turn.

    The queue is in the database and belongs to nobody: whichever process has room takes who is next,
    also what a process left that has gone. ``asked`` are those that this process was asked to start.

    Where a workspace has set how many requests may run at a provider, those that run are counted
    under a lock; a run counts until its row says that it ended, so no place can get lost.
    """
    waiting = _queued()
    seating = Seating()
    if not waiting:
        return seating
    _keep(waiting)
    places = _places({found.line for found in waiting})
    for line, most in places.items():
        here = [found for found in waiting if found.line == line]
        standing = in_turn(here, _turns_had(here, line))
        free = min(most - _running(line), room - len(seating.claimed))
        claimed = _claim_in(line, owner, free) if free > 0 else []
        seating.claimed += claimed
        _note(seating, standing, {run.pk for run in claimed})
    others = [found for found in waiting if found.line not in places]
    _claim_others(seating, owner, room - len(seating.claimed), others, asked)
    return seating


def in_turn(waiting: Iterable[Waiting], had: Counter[int | None]) -> list[Waiting]:
    """First come, first served, but nobody's second run goes before anybody's first.

    A run stands behind as many rounds as its member had turns and has runs waiting before it.
    """
    ahead = Counter(had)
    rounds: list[tuple[int, Waiting]] = []
    for found in waiting:
        rounds.append((ahead[found.member], found))
        ahead[found.member] += 1
    return [found for _, found in sorted(rounds, key=lambda entry: (entry[0], entry[1].pk))]


def _turns_had(waiting: list[Waiting], line: Line | None = None) -> Counter[int | None]:
    """By member: the runs that are under way, or began since the first of the waiting ones was opened."""
    since = min((found.created_at for found in waiting), default=None)
    if since is None:
        return Counter()
    runs = _in(line, Run.objects.filter(Q(status=Run.Status.RUNNING) | Q(started_at__gte=since)))
    return Counter(dict(runs.order_by().values_list("user_id").annotate(Count("pk"))))


def _queued(line: Line | None = None) -> list[Waiting]:
    rows = (
        _in(line, Run.objects.filter(status=Run.Status.QUEUED, stop_requested=False))
        .order_by("pk")
        .values_list(
            "pk",
            "code",
            "user_id",
            "conversation__workspace_id",
            "provider_code",
            "created_at",
            "lease_expires_at",
        )
    )
    return [
        Waiting(pk, code, member, Line(workspace, provider), created_at, lease_expires_at)
        for pk, code, member, workspace, provider, created_at, lease_expires_at in rows
    ]


def _keep(waiting: list[Waiting]) -> None:
    """Somebody looks after the queue: nobody in it is forgotten."""
    moment = now()
    late = [found.pk for found in waiting if found.lease_expires_at < moment + QUEUE_LEASE / 2]
    if late:
        Run.objects.filter(pk__in=late, status=Run.Status.QUEUED).update(
            lease_expires_at=moment + QUEUE_LEASE
        )


def _places(lines: set[Line]) -> dict[Line, int]:
    """How many may run at once, where somebody has set that."""
    rows = ProviderSetting.objects.filter(
        workspace__in={line.workspace_id for line in lines}, places__isnull=False
    ).values_list("workspace_id", "provider__code", "places")
    found = {Line(workspace, provider): places for workspace, provider, places in rows if places}
    return {line: found[line] for line in lines if line in found}


def _running(line: Line) -> int:
    return _in(line, Run.objects.filter(status=Run.Status.RUNNING)).count()


def _in(line: Line | None, runs: QuerySet[Run]) -> QuerySet[Run]:
    if line is None:
        return runs
    return runs.filter(conversation__workspace=line.workspace_id, provider_code=line.provider_code)


@transaction.atomic
def _claim_in(line: Line, owner: str, most: int) -> list[Run]:
    """Take who is next in a line. One process at a time: what others claimed is counted, and gone from it."""
    setting = (
        ProviderSetting.objects.select_for_update()
        .filter(workspace=line.workspace_id, provider__code=line.provider_code)
        .first()
    )
    if setting is not None and setting.places is not None:
        most = min(most, setting.places - _running(line))
    waiting = _queued(line)
    return _take(in_turn(waiting, _turns_had(waiting, line))[: max(0, most)], owner)


def _claim_others(
    seating: Seating,
    owner: str,
    room: int,
    waiting: list[Waiting],
    asked: Collection[int],
) -> None:
    """Runs that only wait for this process to have room, or for one that has it."""
    since = now() - COURTESY
    ours = [found for found in waiting if found.pk in asked or found.created_at < since]
    standing = in_turn(ours, _turns_had(ours)) if len(ours) > room else ours
    claimed = _take(standing[: max(0, room)], owner)
    seating.claimed += claimed
    _note(seating, standing[max(0, room) :], set())


def _note(seating: Seating, standing: list[Waiting], claimed: set[int]) -> None:
    left = [found.code for found in standing if found.pk not in claimed]
    seating.before |= {code: place for place, code in enumerate(left)}


def _take(chosen: list[Waiting], owner: str) -> list[Run]:
    """The fence goes up with every change of hands: an earlier owner who wakes up late can
    neither write its log nor end it."""
    if not chosen:
        return []
    moment = now()
    pks = [found.pk for found in chosen]
    Run.objects.filter(pk__in=pks, status=Run.Status.QUEUED, stop_requested=False).update(
        status=Run.Status.RUNNING,
        lease_owner=owner,
        lease_expires_at=moment + timedelta(seconds=settings.RUN_LEASE_SECONDS),
        fence=F("fence") + 1,
        started_at=moment,
    )
    # What somebody else took or ended in the meantime is not ours.
    return list(
        Run.objects.select_related("endpoint__model__provider", "conversation__workspace", "user").filter(
            pk__in=pks, lease_owner=owner, status=Run.Status.RUNNING
        )
    )
