from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, CharField, Count, DateTimeField, Exists, F, Q
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from accounts.prepared import prepared, prepared_update
from chat.live.turns import Began, QueuedRun, Room, SharedPlaces, in_turn, is_ample
from chat.models import QUEUE_LEASE, Run
from playground.models import ProviderSetting

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from django.db.models import QuerySet

# After its creation a run is claimed only by the process that was asked to start it, for this long.
COURTESY = timedelta(seconds=1)
# A background run that was stopped meanwhile is claimed all the same, to be cancelled at its provider.
_MAY_BEGIN = Q(stop_requested=False) | ~Q(background_id="")


@dataclass(slots=True)
class ClaimResult:
    """Runs that were claimed, and for each waiting run the number of runs before it."""

    claimed: list[Run] = field(default_factory=list)
    queue_positions: dict[UUID, int] = field(default_factory=dict)

    def add(self, claimed: list[Run], ordered: list[QueuedRun]) -> None:
        """Add what was claimed of a queue; the others wait."""
        self.claimed += claimed
        begun = {run.pk for run in claimed}
        waiting = [queued for queued in ordered if queued.pk not in begun]
        self.queue_positions |= {queued.code: position for position, queued in enumerate(waiting)}


def claim_runs(owner: str, most: int, requested: Collection[int] = ()) -> ClaimResult:
    """Take the leases of up to ``most`` queued runs that there is a place for, in turn.

    The queue is in the database and shared by all processes. A process that may relay more takes the next
    run, also one that a process left behind when it ended. ``requested`` are runs that this
    process was asked to start. No person and no workspace gets all places of a process.

    A workspace can limit the requests that run at a provider. There, running runs are counted
    under a lock. A run counts until its row says that it ended, so no place can get lost.
    """
    queue = _queued_runs()
    result = ClaimResult()
    if not queue:
        return result
    _renew_queued(queue)
    limits = _limits({queued.places for queued in queue})
    running = max(0, settings.MAX_STREAMS - most)
    began = [] if is_ample(most, running, len(queue)) else _began(queue)
    room = Room(owner, most, began)
    for places, limit in limits.items():
        competing = [queued for queued in queue if queued.places == places]
        own = _began(competing, places)
        claimed = _claim_limited(places, owner, room) if _running(own) < limit else []
        result.add(claimed, in_turn(competing, own))
    since = now() - COURTESY
    unlimited = [
        queued
        for queued in queue
        if queued.places not in limits and (queued.pk in requested or queued.created_at < since)
    ]
    ordered = in_turn(unlimited, began)
    result.add(_claim(room.take(ordered), owner), ordered)
    return result


def claim_at_once(owner: str, run: Run) -> bool:
    """Take the lease of a run that was just opened, if :func:`claim_runs` would; return whether it did.

    For a process with ample room. No run may wait before this one, and nobody may limit the places at its
    provider. ``run`` then is as the database has it.
    """
    moment = now()
    lease = {
        "lease_owner": owner,
        "lease_expires_at": moment + timedelta(seconds=settings.RUN_LEASE_SECONDS),
        "started_at": moment,
    }
    places = {"workspace": run.workspace_id, "provider": run.provider_code}
    if not _claim_first(pk=run.pk, **places, **lease):
        return False
    for name, value in lease.items():
        setattr(run, name, value)
    run.status, run.fence = Run.Status.RUNNING, run.fence + 1
    # PostgreSQL orders the names in a body. What is sent has to be what "Get code" shows later.
    [(run.body, run.parameters)] = _stored_body(pk=run.pk)
    return True


@prepared_update(
    pk=BigIntegerField(),
    workspace=BigIntegerField(),
    provider=CharField(),
    lease_owner=CharField(),
    lease_expires_at=DateTimeField(),
    started_at=DateTimeField(),
)
def _claim_first(
    pk: Any, workspace: Any, provider: Any, **lease: Any
) -> tuple[QuerySet[Run], dict[str, Any]]:
    limited = ProviderSetting.objects.filter(workspace=workspace, provider__code=provider, places__gt=0)
    before = Run.objects.filter(_MAY_BEGIN, status=Run.Status.QUEUED, pk__lt=pk)
    # A background run is fetched again by the process that takes it from the queue.
    first = Run.objects.filter(pk=pk, status=Run.Status.QUEUED, stop_requested=False, background_id="")
    free = first.filter(~Exists(limited), ~Exists(before))
    return free, {**lease, "status": Run.Status.RUNNING, "fence": F("fence") + 1}


@prepared(pk=BigIntegerField())
def _stored_body(pk: Any) -> QuerySet[Run, Any]:
    return Run.objects.filter(pk=pk).values_list("body", "parameters")


def give_back(run: Run) -> None:
    """Return a run that was claimed and not begun to the queue, for another process."""
    ours = Run.objects.filter(
        pk=run.pk, lease_owner=run.lease_owner, fence=run.fence, status=Run.Status.RUNNING
    )
    ours.update(
        status=Run.Status.QUEUED, lease_owner="", lease_expires_at=now() + QUEUE_LEASE, started_at=None
    )


def _queued_runs(places: SharedPlaces | None = None) -> list[QueuedRun]:
    rows = (
        _at(places, Run.objects.filter(_MAY_BEGIN, status=Run.Status.QUEUED))
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


def _began(queue: list[QueuedRun], places: SharedPlaces | None = None) -> list[Began]:
    """Count the runs that are running, or began since the first one in ``queue`` was opened."""
    if not queue:
        return []
    recent = Q(status=Run.Status.RUNNING) | Q(started_at__gte=min(queued.created_at for queued in queue))
    rows = (
        _at(places, Run.objects.filter(recent))
        .order_by()
        .values_list("workspace_id", "provider_code", "user_id", "lease_owner", "status")
        .annotate(Count("pk"))
    )
    return [
        Began(SharedPlaces(workspace, provider), member, owner, status == Run.Status.RUNNING, count)
        for workspace, provider, member, owner, status, count in rows
    ]


def _running(began: list[Began]) -> int:
    return sum(runs.number for runs in began if runs.is_running)


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


def _at(places: SharedPlaces | None, runs: QuerySet[Run]) -> QuerySet[Run]:
    if places is None:
        return runs
    return runs.filter(workspace=places.workspace_id, provider_code=places.provider_code)


@transaction.atomic
def _claim_limited(places: SharedPlaces, owner: str, room: Room) -> list[Run]:
    """Claim the next runs for limited places.

    The lock lets one process at a time do this: it counts what others have claimed, and no longer
    finds it in the queue.
    """
    setting = (
        ProviderSetting.objects.select_for_update()
        .filter(workspace=places.workspace_id, provider__code=places.provider_code)
        .first()
    )
    queue = _queued_runs(places)
    began = _began(queue, places)
    most = None
    if setting is not None and setting.places is not None:
        most = max(0, setting.places - _running(began))
    return _claim(room.take(in_turn(queue, began), most), owner)


def _claim(chosen: list[QueuedRun], owner: str) -> list[Run]:
    """Take the leases of these runs; return those that no other process has taken or ended meanwhile.

    The fence goes up with every new owner. An earlier owner that wakes up late can then neither
    write the log nor end the run.
    """
    if not chosen:
        return []
    moment = now()
    pks = [queued.pk for queued in chosen]
    Run.objects.filter(_MAY_BEGIN, pk__in=pks, status=Run.Status.QUEUED).update(
        status=Run.Status.RUNNING,
        lease_owner=owner,
        lease_expires_at=moment + timedelta(seconds=settings.RUN_LEASE_SECONDS),
        fence=F("fence") + 1,
        # A background run has begun before.
        started_at=Coalesce("started_at", moment),
    )
    return list(
        Run.objects.select_related("endpoint__model__provider", "conversation", "workspace", "user").filter(
            pk__in=pks, lease_owner=owner, status=Run.Status.RUNNING
        )
    )
