from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.utils.timezone import now

from chat.flows.finish_run import Outcome, finish_run
from chat.models import Run
from playground.upstream.answer import Answer
from playground.upstream.events import decode_events

if TYPE_CHECKING:
    from collections.abc import Collection

logger = logging.getLogger(__name__)


def reap_runs(*, owner: str = "", spared: Collection[int] = ()) -> int:
    """End the runs whose lease ran out as interrupted, with the text that their logs hold.

    Their process died or lost the database for longer than ``RUN_LEASE_SECONDS``; a living one
    renews the lease with every checkpoint. ``owner`` names a process that is known to be gone:
    its runs need not wait. ``spared`` are those that the caller is at work on, whatever their leases say.

    :return: how many were ended here.
    """
    expired = Q(lease_expires_at__lt=now())
    if owner:
        expired |= Q(lease_owner=owner)
    runs = (
        Run.objects.select_related("conversation").filter(expired, status__in=Run.LIVE).exclude(pk__in=spared)
    )
    return sum(_reap(run) for run in runs)


def _reap(run: Run) -> bool:
    try:
        ended = _end(run, logged_answer(run))
    except (OperationalError, InterfaceError):
        # The database itself is away: later.
        raise
    except Exception:
        # One answer that cannot be read or stored must neither keep its hold for ever nor keep
        # the runs behind it from being ended.
        logger.exception("The text of run %s cannot be stored; it ends without.", run.code)
        ended = _end(run, Answer())
    if ended:
        logger.warning("Run %s was interrupted: nobody renewed its lease.", run.code)
    return ended


def logged_answer(run: Run) -> Answer:
    """What a live run has received, up to the last checkpoint."""
    answer = Answer()
    for events in run.chunks.order_by("seq").values_list("events", flat=True):
        for event in decode_events(bytes(events)):
            answer.apply(event)
    return answer


def _end(run: Run, answer: Answer) -> bool:
    # Whoever was away, and not gone, may have renewed the lease since we looked.
    return finish_run(
        run, Outcome(Run.Status.INTERRUPTED, answer), fence=run.fence, lease=run.lease_expires_at
    )
