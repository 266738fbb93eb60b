from __future__ import annotations

from typing import TYPE_CHECKING

from chat.flows.stop_run import stop_run
from chat.models import Run

if TYPE_CHECKING:
    from accounts.models import User, Workspace


def stop_runs_of(user: User, workspace: Workspace | None = None) -> list[Run]:
    """Stop all live runs of a user who may no longer send, in one workspace or in all; return them.

    Their answers keep what they have, and are charged for it.
    """
    runs = Run.objects.select_related("conversation").filter(user=user, status__in=Run.LIVE)
    if workspace is not None:
        runs = runs.filter(workspace=workspace)
    # A single statement for all of them would lock their rows in another order than a checkpoint does.
    stopped = list(runs.order_by("pk"))
    for run in stopped:
        stop_run(run, user)
    return stopped
