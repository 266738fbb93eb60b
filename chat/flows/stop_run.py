"""The request to stop a run.

A running run ends at the next checkpoint of the process that relays it. The view also calls
``chat.relays.background.stop``, so that a relay of the same process ends at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.flows.finish_run import Outcome, finish_run
from chat.flows.pause_queue import pause_after_stop
from chat.models import Run
from playground.upstream.answer import Answer

if TYPE_CHECKING:
    from accounts.models import User


def stop_run(run: Run, user: User) -> None:
    """Request the end of a run, in whichever process it is relayed. The answer so far is kept.

    A run that no relay has claimed yet ends at once. Queued prompts wait until a person sends the next one.
    """
    if run.conversation is not None:
        # This comes first: the answer may end at this moment, and the next prompt would be sent.
        pause_after_stop(run.conversation, user)
    Run.objects.filter(pk=run.pk, status__in=Run.LIVE).update(stop_requested=True)
    # This comes after the request, which keeps the run from being claimed.
    end_queued(run.pk, Run.Status.STOPPED)


def end_queued(run_pk: int, status: Run.Status) -> bool:
    """End a run that has not begun; return False if it has begun or ended."""
    queued = Run.objects.select_related("conversation").filter(pk=run_pk, status=Run.Status.QUEUED).first()
    if queued is None or queued.background_id:
        # A background answer has to be cancelled at its provider, by the process that claims it.
        return False
    return finish_run(queued, Outcome(status, Answer()), fence=queued.fence)
