from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from chat.flows.note_deletion import Step, note_deletion
from chat.flows.steer_experiment import stop_experiment
from chat.models import Experiment

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Run


def delete_experiment(experiment: Experiment, *, actor: User) -> list[Run]:
    """Delete an experiment with its results and its cap. It can be brought back until it is purged.

    Answers that are being written are stopped; return them, so that the caller can end their relays. What it
    cost stays in the books.
    """
    stopped = stop_experiment(experiment, actor=actor)
    with transaction.atomic():
        Experiment.objects.filter(pk=experiment.pk).update(deleted_at=now())
        note_deletion(experiment, Step.DELETED, actor=actor)
    return stopped
