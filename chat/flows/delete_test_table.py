from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from chat.flows.note_deletion import Step, note_deletion
from chat.flows.steer_experiment import stop_experiment
from chat.models import Cell, Experiment, TableOfCases

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Run


def delete_test_table(table: TableOfCases, *, actor: User) -> list[Run]:
    """Delete a test table with its cases and results. It can be brought back until it is purged.

    Its experiments pause, and their answers are stopped; return those, so that the caller can end their
    relays. What its prompts cost stays in the books.
    """
    with transaction.atomic():
        TableOfCases.objects.filter(pk=table.pk).update(deleted_at=now())
        running = Experiment.objects.filter(table=table, state=Experiment.State.RUNNING)
        running.update(
            state=Experiment.State.PAUSED, pause="The test table was deleted.", is_pause_personal=False
        )
        note_deletion(table, Step.DELETED, actor=actor)
    # Answers of an experiment that had been paused may still be written.
    opened = Cell.objects.filter(experiment__table=table, state__in=Cell.OPEN).values("experiment")
    writing = table.experiments.filter(pk__in=opened)
    return [run for each in writing for run in stop_experiment(each, actor=actor)]
