from __future__ import annotations

from typing import TYPE_CHECKING

from chat.flows.stop_run import end_queued
from chat.models import Run

if TYPE_CHECKING:
    from accounts.models import Workspace


def stop_runs_in(workspace: Workspace) -> list[Run]:
    """Stop all live runs of a workspace that was deleted, and return them.

    Their answers keep what they have, and are charged for it.
    """
    live = Run.objects.select_related("conversation").filter(workspace=workspace, status__in=Run.LIVE)
    stopped = list(live.exclude(stop_requested=True).order_by("pk"))
    # A single statement for all of them would lock their rows in another order than a checkpoint does.
    for run in stopped:
        Run.objects.filter(pk=run.pk, status__in=Run.LIVE).update(stop_requested=True)
        end_queued(run.pk, Run.Status.STOPPED)
    return stopped
