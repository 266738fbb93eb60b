from __future__ import annotations

from typing import TYPE_CHECKING

from chat.flows.finish_run import Outcome, finish_run
from chat.models import Run
from playground.upstream.answer import Answer

if TYPE_CHECKING:
    from accounts.models import User


def stop_run(run: Run, user: User) -> None:
    """Ask for the end of a run, wherever it is relayed; what came so far is kept.

    A run that no relay has claimed yet ends here at once.
    """
    Run.objects.filter(pk=run.pk, status__in=Run.LIVE).update(stop_requested=True)
    # Only now: from here on nobody claims it.
    end_queued(run.pk, Run.Status.STOPPED)


def end_queued(run_pk: int, status: Run.Status) -> bool:
    """End a run that has not begun; False when it has, or has ended."""
    queued = Run.objects.select_related("conversation").filter(pk=run_pk, status=Run.Status.QUEUED).first()
    if queued is None:
        return False
    return finish_run(queued, Outcome(status, Answer()), fence=queued.fence)
