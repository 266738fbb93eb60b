from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from chat.models import Run, RunChunk

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Encoded events of one run that are not stored yet, up to number ``seq``."""

    run_pk: int
    seq: int
    events: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Runs with a request to stop, runs that this process has lost, and runs whose stretches are stored."""

    to_stop: set[int]
    lost: set[int]
    stored: set[int]


def checkpoint_runs(owner: str, run_pks: list[int], stretches: list[Stretch]) -> Checkpoint:
    """Append the new events of all runs of this process to their logs and renew their leases.

    One transaction for all of them, once per tick: never one per token. A stretch that is stored
    already, by a commit whose reply got lost, stays as it is.
    """
    try:
        return _checkpoint(owner, run_pks, stretches)
    except Exception:
        if not stretches:
            raise
        logger.warning("A checkpoint failed; trying one run at a time.", exc_info=True)
    # The failure of one run must not affect the others. The leases are first: an unavailable database
    # raises here.
    found = _checkpoint(owner, run_pks, [])
    for stretch in stretches:
        try:
            found.stored.update(_checkpoint(owner, [stretch.run_pk], [stretch]).stored)
        except Exception:
            logger.exception("Events of run %s wait for the next checkpoint.", stretch.run_pk)
    return found


@transaction.atomic
def _checkpoint(owner: str, run_pks: list[int], stretches: list[Stretch]) -> Checkpoint:
    # The lock keeps a run from ending, and dropping its log, between this query and the append.
    rows = (
        Run.objects.select_for_update()
        .filter(pk__in=run_pks, lease_owner=owner, status=Run.Status.RUNNING)
        .order_by("pk")
        .values_list("pk", "stop_requested")
    )
    stop_requested = dict(rows)
    chunks = [
        RunChunk(run_id=stretch.run_pk, seq=stretch.seq, events=stretch.events)
        for stretch in stretches
        if stretch.run_pk in stop_requested
    ]
    RunChunk.objects.bulk_create(chunks, ignore_conflicts=True)
    Run.objects.filter(pk__in=stop_requested).update(
        lease_expires_at=now() + timedelta(seconds=settings.RUN_LEASE_SECONDS)
    )
    return Checkpoint(
        to_stop={pk for pk, asked in stop_requested.items() if asked},
        lost=set(run_pks) - set(stop_requested),
        stored={chunk.run_id for chunk in chunks},
    )
