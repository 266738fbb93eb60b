from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import Limit

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Experiment


@transaction.atomic
def delete_experiment(experiment: Experiment, *, actor: User) -> None:
    """Delete an experiment with its results and its cap. What it cost stays in the books.

    Answers that are being written go on to their end, and are not shown any more.
    """
    workspace = experiment.table.workspace
    # The lock keeps a hold taken at the same moment from referring to a deleted window.
    workspace.lock()
    code = experiment.code
    experiment.delete()
    Limit.objects.filter(workspace=workspace, batch=code).delete()
