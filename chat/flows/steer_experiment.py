"""Pausing, resuming and stopping an experiment, and running cells of it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from accounts.flows.cap_batch import cap_batch
from chat.flows.stop_run import stop_run
from chat.models import Cell, Experiment, Run

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import User

# The states of cells that can be run again.
FAILURES = (Cell.State.ERROR, Cell.State.FAILED, Cell.State.UNDECIDED)


def pause_experiment(experiment: Experiment, *, actor: User) -> None:
    """Open no more cells. Those that are open go on to their end."""
    running = Experiment.objects.filter(pk=experiment.pk, state=Experiment.State.RUNNING)
    running.update(
        state=Experiment.State.PAUSED, pause=f"Paused by {actor.display_name}.", is_pause_personal=False
    )


def stop_experiment(experiment: Experiment, *, actor: User) -> list[Run]:
    """Pause, and stop the answers that are being written; return them. The text so far is kept."""
    pause_experiment(experiment, actor=actor)
    open_cells = Cell.objects.filter(experiment=experiment, state__in=Cell.OPEN)
    cells = open_cells.select_related("run", "judge_run")
    runs = [run for cell in cells for run in (cell.run, cell.judge_run) if run is not None and run.is_live]
    for run in runs:
        stop_run(run, actor)
    return runs


@transaction.atomic
def resume_experiment(experiment: Experiment, *, credits: int | None = None, actor: User) -> None:
    """Go on after a pause, with another cap if ``credits`` are given. A deleted one stays as it is."""
    locked = Experiment.objects.select_for_update(of=("self",)).filter(pk=experiment.pk).first()
    if locked is None:
        return
    if credits is not None:
        locked.cap = cap_batch(experiment.table.workspace, locked.code, credits, actor=actor)
    if locked.state == Experiment.State.PAUSED:
        locked.state, locked.pause = Experiment.State.RUNNING, ""
    locked.save(update_fields=["cap", "state", "pause"])


@transaction.atomic
def rerun_cells(experiment: Experiment, states: Collection[str], *, actor: User) -> int:
    """Let the cells in these states wait for another run; return how many. Their cost so far still counts."""
    locked = Experiment.objects.select_for_update(of=("self",)).filter(pk=experiment.pk).first()
    if locked is None:
        return 0
    wanted = [state for state in states if state in FAILURES]
    count = Cell.objects.filter(experiment=locked, state__in=wanted).update(
        state=Cell.State.WAITING,
        attempt=F("attempt") + 1,
        earlier_usd=F("earlier_usd") + F("usd") + F("judge_usd"),
        usd=0,
        judge_usd=0,
        seconds=None,
        run=None,
        judge_run=None,
        outcomes=[],
        letters="",
        folded="",
        error="",
    )
    if count:
        locked.state, locked.pause, locked.finished_at = Experiment.State.RUNNING, "", None
        locked.save(update_fields=["state", "pause", "finished_at"])
    return count
