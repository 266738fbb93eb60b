from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.utils.timezone import now

from chat.flows.finish_run import Outcome, finish_run
from chat.flows.follow_background import leave_background
from chat.models import Run
from playground.upstream.answer import Answer
from playground.upstream.events import decode_events

if TYPE_CHECKING:
    from collections.abc import Collection

logger = logging.getLogger(__name__)


def reap_runs(*, owner: str = "", spared: Collection[int] = ()) -> int:
    """End the runs whose lease ran out as interrupted, with the text that their logs hold.

    Their process died, or had no database for longer than ``RUN_LEASE_SECONDS``; a living process
    renews its leases with every checkpoint. Runs with a background answer return to the queue instead.
    ``owner`` names a process that has ended: its runs end before their leases do. ``spared`` are runs
    that the caller relays, whatever their leases say.

    :return: the number of runs that were ended.
    """
    expired = Q(lease_expires_at__lt=now())
    if owner:
        expired |= Q(lease_owner=owner)
    runs = (
        Run.objects.select_related("conversation").filter(expired, status__in=Run.LIVE).exclude(pk__in=spared)
    )
    return sum(_reap(run) for run in runs)


def _reap(run: Run) -> bool:
    if run.background_id:
        # The provider still has the answer: the next process with a place fetches it.
        leave_background(run, run.lease_expires_at)
        return False
    try:
        ended = _end(run, logged_answer(run))
    except (OperationalError, InterfaceError):
        # The database is unavailable; the next call tries again.
        raise
    except Exception:
        # An answer that cannot be read or stored must not keep its hold for ever, and must not keep
        # further runs from being ended.
        logger.exception("The text of run %s cannot be stored; it ends without.", run.code)
        ended = _end(run, Answer())
    if ended:
        logger.warning("Run %s was interrupted: its lease was not renewed.", run.code)
    return ended


def logged_answer(run: Run) -> Answer:
    """Put the answer of a live run together from its log, up to the last checkpoint."""
    answer = Answer()
    for events in run.chunks.order_by("seq").values_list("events", flat=True):
        for event in decode_events(bytes(events)):
            answer.apply(event)
    return answer


def _end(run: Run, answer: Answer) -> bool:
    # A process without a database for some time may have renewed the lease since the query.
    return finish_run(
        run, Outcome(Run.Status.INTERRUPTED, answer), fence=run.fence, lease=run.lease_expires_at
    )
