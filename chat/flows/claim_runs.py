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

# After its creation a run is claimed only by the process that was asked to start it, for this long.
COURTESY = timedelta(seconds=1)


class SharedPlaces(NamedTuple):
    """Places that runs compete for: those of one workspace at one provider."""

    workspace_id: int
    provider_code: str


class QueuedRun(NamedTuple):
    """A run that has not begun. Lists of them are in the order in which the runs were opened."""

    pk: int
    code: UUID
    member: int | None
    places: SharedPlaces
    created_at: datetime
    lease_expires_at: datetime


@dataclass(slots=True)
class ClaimResult:
    """Runs that were claimed, and for each waiting run the number of runs before it."""

    claimed: list[Run] = field(default_factory=list)
    queue_positions: dict[UUID, int] = field(default_factory=dict)

    def set_positions(self, waiting: list[QueuedRun]) -> None:
        self.queue_positions |= {queued.code: position for position, queued in enumerate(waiting)}


def claim_runs(owner: str, most: int, requested: Collection[int] = ()) -> ClaimResult:
    """Take the leases of up to ``most`` queued runs that there is a place for, in turn.

    The queue is in the database and shared by all processes. A process that may relay more takes the next
    run, also one that a process left behind when it ended. ``requested`` are runs that this
    process was asked to start.

    A workspace can limit the requests that run at a provider. There, running runs are counted
    under a lock. A run counts until its row says that it ended, so no place can get lost.
    """
    queue = _queued_runs()
    result = ClaimResult()
    if not queue:
        return result
    _renew_queued(queue)
    limits = _limits({queued.places for queued in queue})
    for places, limit in limits.items():
        competing = [queued for queued in queue if queued.places == places]
        ordered = in_turn(competing, _turns_had(competing, places))
        free = min(limit - _running(places), most - len(result.claimed))
        claimed = _claim_limited(places, owner, free) if free > 0 else []
        result.claimed += claimed
        pks = {run.pk for run in claimed}
        result.set_positions([queued for queued in ordered if queued.pk not in pks])
    unlimited = [queued for queued in queue if queued.places not in limits]
    _claim_unlimited(result, owner, most - len(result.claimed), unlimited, requested)
    return result


def in_turn(queue: Iterable[QueuedRun], had: Counter[int | None]) -> list[QueuedRun]:
    """Sort a queue: first come, first served, but no member's second run before another's first.

    A run's round is the number of turns that its member had, plus the member's runs before it.
    Rounds come one after the other.
    """
    ahead = Counter(had)
    rounds: list[tuple[int, QueuedRun]] = []
    for queued in queue:
        rounds.append((ahead[queued.member], queued))
        ahead[queued.member] += 1
    return [queued for _, queued in sorted(rounds, key=lambda entry: (entry[0], entry[1].pk))]


def _turns_had(queue: list[QueuedRun], places: SharedPlaces | None = None) -> Counter[int | None]:
    """Count by member the runs that are running, or began since the first one in ``queue`` was opened."""
    since = min((queued.created_at for queued in queue), default=None)
    if since is None:
        return Counter()
    runs = _at(places, Run.objects.filter(Q(status=Run.Status.RUNNING) | Q(started_at__gte=since)))
    return Counter(dict(runs.order_by().values_list("user_id").annotate(Count("pk"))))


def _queued_runs(places: SharedPlaces | None = None) -> list[QueuedRun]:
    rows = (
        _at(places, Run.objects.filter(status=Run.Status.QUEUED, stop_requested=False))
        .order_by("pk")
        .values_list(
            "pk",
            "code",
            "user_id",
            "workspace_id",
            "provider_code",
            "created_at",
            "lease_expires_at",
        )
    )
    return [
        QueuedRun(pk, code, member, SharedPlaces(workspace, provider), created_at, lease_expires_at)
        for pk, code, member, workspace, provider, created_at, lease_expires_at in rows
    ]


def _renew_queued(queue: list[QueuedRun]) -> None:
    """Renew the leases of queued runs so that the reaper leaves them alone."""
    moment = now()
    late = [queued.pk for queued in queue if queued.lease_expires_at < moment + QUEUE_LEASE / 2]
    if late:
        Run.objects.filter(pk__in=late, status=Run.Status.QUEUED).update(
            lease_expires_at=moment + QUEUE_LEASE
        )


def _limits(wanted: set[SharedPlaces]) -> dict[SharedPlaces, int]:
    """Return how many runs may run at once, for those places where an admin has set that."""
    rows = ProviderSetting.objects.filter(
        workspace__in={places.workspace_id for places in wanted}, places__isnull=False
    ).values_list("workspace_id", "provider__code", "places")
    limits = {SharedPlaces(workspace, provider): limit for workspace, provider, limit in rows if limit}
    return {places: limits[places] for places in wanted if places in limits}


def _running(places: SharedPlaces) -> int:
    return _at(places, Run.objects.filter(status=Run.Status.RUNNING)).count()


def _at(places: SharedPlaces | None, runs: QuerySet[Run]) -> QuerySet[Run]:
    if places is None:
        return runs
    return runs.filter(workspace=places.workspace_id, provider_code=places.provider_code)


@transaction.atomic
def _claim_limited(places: SharedPlaces, owner: str, most: int) -> list[Run]:
    """Claim the next runs for limited places.

    The lock lets one process at a time do this: it counts what others have claimed, and no longer
    finds it in the queue.
    """
    setting = (
        ProviderSetting.objects.select_for_update()
        .filter(workspace=places.workspace_id, provider__code=places.provider_code)
        .first()
    )
    if setting is not None and setting.places is not None:
        most = min(most, setting.places - _running(places))
    queue = _queued_runs(places)
    return _claim(in_turn(queue, _turns_had(queue, places))[: max(0, most)], owner)


def _claim_unlimited(
    result: ClaimResult,
    owner: str,
    most: int,
    queue: list[QueuedRun],
    requested: Collection[int],
) -> None:
    """Claim runs that need no place at a provider, only one in a process."""
    since = now() - COURTESY
    ours = [queued for queued in queue if queued.pk in requested or queued.created_at < since]
    ordered = in_turn(ours, _turns_had(ours)) if len(ours) > most else ours
    result.claimed += _claim(ordered[: max(0, most)], owner)
    result.set_positions(ordered[max(0, most) :])


def _claim(chosen: list[QueuedRun], owner: str) -> list[Run]:
    """Take the leases of these runs; return those that no other process has taken or ended meanwhile.

    The fence goes up with every new owner. An earlier owner that wakes up late can then neither
    write the log nor end the run.
    """
    if not chosen:
        return []
    moment = now()
    pks = [queued.pk for queued in chosen]
    Run.objects.filter(pk__in=pks, status=Run.Status.QUEUED, stop_requested=False).update(
        status=Run.Status.RUNNING,
        lease_owner=owner,
        lease_expires_at=moment + timedelta(seconds=settings.RUN_LEASE_SECONDS),
        fence=F("fence") + 1,
        started_at=moment,
    )
    return list(
        Run.objects.select_related("endpoint__model__provider", "conversation", "workspace", "user").filter(
            pk__in=pks, lease_owner=owner, status=Run.Status.RUNNING
        )
    )
