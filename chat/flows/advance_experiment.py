"""The progress of experiments: ended runs are checked, and the next cells are opened.

Whoever ends a run of an experiment calls :func:`advance_after`, and every process calls
:func:`advance_experiments` now and then, for runs whose process died. All decide by what is stored, under a
lock of the experiment. A cell leaves its state in the transaction that opens its run, and the key of that run
is made of the cell and its attempt: so no case is sent twice, and none is lost.
"""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import now

from accounts.exceptions import LimitReached
from accounts.models import LedgerEntry
from chat.evaluation.check_kinds import JUDGE
from chat.exceptions import CellRefused, ExperimentHalted, PriceMissing
from chat.flows.build_cell import answer_request, judge_request, member_for, usable_endpoint
from chat.flows.check_cell import settle_cell
from chat.flows.open_run import open_single_run
from chat.flows.run_idempotently import Submission
from chat.models import Cell, Experiment, Run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import Membership
    from chat.flows.build_request import BuiltRequest, Choice

logger = logging.getLogger(__name__)


def advance_after(run_pk: int) -> list[Run]:
    """Continue the experiment of a run that has ended, if it is one; return the runs to start."""
    cell = Cell.objects.filter(Q(run=run_pk) | Q(judge_run=run_pk)).values_list("experiment").first()
    return advance_experiment(cell[0]) if cell else []


def advance_experiments() -> list[Run]:
    """Continue every experiment that runs or has open cells; return the runs to start."""
    opened = Cell.objects.filter(experiment=OuterRef("pk"), state__in=Cell.OPEN)
    # A deleted one has open cells until its answers have stopped, and it may come back.
    due = Experiment.with_deleted.filter(Q(state=Experiment.State.RUNNING) | Exists(opened))
    return [run for pk in due.values_list("pk", flat=True) for run in advance_experiment(pk)]


def advance_experiment(pk: int) -> list[Run]:
    """Check what has ended, and open as many cells as may run at once; return the runs to start."""
    _settle(pk)
    started: list[Run] = []
    while (run := _open_next(pk)) is not None:
        started.append(run)
    return started


def _settle(pk: int) -> None:
    # Open cells are few, and found by the index of states alone: databases mistake conditions about their
    # runs for better ones.
    opened = Cell.objects.filter(experiment=pk, state__in=Cell.OPEN).order_by()
    facts: Iterable[Any] = opened.values_list("pk", "state", "run__status", "judge_run", "judge_run__status")
    for cell, state, run_status, judge, judge_status in list(facts):
        is_judged = state == Cell.State.JUDGING
        # The run of an answer may have been deleted. A judgement may not have begun.
        has_ended = judge_status not in Run.LIVE if is_judged else run_status not in Run.LIVE
        if (judge is None and is_judged) or not has_ended:
            continue
        if halted := settle_cell(cell):
            halt(pk, halted)


def halt(pk: int, why: str, limit: LimitReached | None = None) -> None:
    """Pause an experiment that runs, with the reason. For a limit that lets prompts wait, it only waits."""
    waits = limit is not None and limit.may_wait
    Experiment.objects.filter(pk=pk, state=Experiment.State.RUNNING).update(
        state=Experiment.State.RUNNING if waits else Experiment.State.PAUSED,
        pause=why,
        is_pause_personal=limit is not None and limit.is_personal,
    )


def _open_next(pk: int) -> Run | None:
    """Open the run of the next cell, or of the judgement of one; return None if none may begin now."""
    while True:
        cell: Cell | None = None
        try:
            with transaction.atomic():
                experiment = _locked(pk)
                cell = None if experiment is None else _next_cell(experiment)
                if experiment is None or cell is None:
                    return None
                return _open(experiment, cell)
        except CellRefused as refusal:
            if cell is not None:
                _refuse_cell(cell, str(refusal))
        except LimitReached as limit:
            # Open cells may hold more than they will cost, so a later try may succeed.
            if not _has_open(pk):
                halt(pk, limit.text, limit)
            return None
        except (ExperimentHalted, PriceMissing) as refusal:
            halt(pk, str(refusal))
            return None
        except IntegrityError:
            logger.exception("A cell of experiment %s has a run already.", pk)
            return None


def _locked(pk: int) -> Experiment | None:
    """Lock an experiment that runs."""
    running = Experiment.objects.filter(pk=pk, state=Experiment.State.RUNNING)
    locked = running.select_for_update(of=("self",)).select_related("table__workspace", "cap")
    return locked.first()


def _next_cell(experiment: Experiment) -> Cell | None:
    """Return the next cell to open. An experiment in which none is left has finished.

    Judgements come first, so that a pause leaves few answers without a verdict.
    """
    cells = Cell.objects.filter(experiment=experiment)
    opened = list(cells.filter(state__in=Cell.OPEN).order_by())
    to_judge = [cell for cell in opened if cell.state == Cell.State.JUDGING and cell.judge_run_id is None]
    if to_judge:
        # The judgement takes the place that the answer had.
        return min(to_judge, key=lambda cell: cell.pk)
    if len(opened) >= experiment.concurrency:
        return None
    waiting = cells.filter(state=Cell.State.WAITING).select_related("variant__endpoint__model__provider")
    cell = waiting.order_by("case_number", "variant_id", "repetition").first()
    if cell is None and not opened:
        experiment.state, experiment.finished_at = Experiment.State.FINISHED, now()
        experiment.save(update_fields=["state", "finished_at"])
    return cell


def _open(experiment: Experiment, cell: Cell) -> Run:
    table = experiment.table
    member = member_for(experiment.user, table)
    cell.experiment = experiment
    is_judgement = cell.state == Cell.State.JUDGING
    if is_judgement:
        choice, request = _judgement(experiment, cell, member)
    else:
        variant = cell.variant
        endpoint = usable_endpoint(member, variant.endpoint, variant.model_name)
        choice, request = answer_request(
            endpoint, table.workspace_id, variant.read(), cell.values, variant.parameters
        )
    purpose = LedgerEntry.Purpose.JUDGE if is_judgement else LedgerEntry.Purpose.CASE
    run = open_single_run(
        table.workspace,
        member.user,
        choice,
        request,
        _submission(experiment, cell, purpose),
        made_for=purpose,
        batch=experiment.code,
    )
    if experiment.pause:
        # The limit that it waited for leaves enough again.
        experiment.pause = ""
        experiment.save(update_fields=["pause"])
    changed = {"judge_run": run} if is_judgement else {"run": run, "state": Cell.State.RUNNING}
    if not Cell.objects.filter(pk=cell.pk, state=cell.state, attempt=cell.attempt).update(**changed):
        raise IntegrityError("The cell has left its state.")
    return run


def _submission(experiment: Experiment, cell: Cell, purpose: str) -> Submission:
    name = f"{cell.pk} {cell.attempt} {purpose}"
    return Submission.of(uuid.uuid5(experiment.code, name), name)


def _judgement(experiment: Experiment, cell: Cell, member: Membership) -> tuple[Choice, BuiltRequest]:
    rubric = next(check for check in experiment.check_settings if check.kind == JUDGE).filled(cell.values)
    endpoint = usable_endpoint(member, experiment.judge, experiment.judge_name or "The judge")
    said = (cell.run.result or {}).get("text", "") if cell.run else ""
    return judge_request(endpoint, cell, cell.variant, rubric.first, said)


def _refuse_cell(cell: Cell, why: str) -> None:
    """End a cell that cannot be sent, and one whose judgement cannot, with the reason."""
    if cell.state == Cell.State.JUDGING:
        settle_cell(cell.pk, no_judge=why)
        return
    Cell.objects.filter(pk=cell.pk, state=Cell.State.WAITING).update(state=Cell.State.ERROR, error=why)


def _has_open(pk: int) -> bool:
    """Tell whether any run of an experiment has not ended. A cell whose run was refused has none."""
    live = Q(state=Cell.State.RUNNING) | Q(state=Cell.State.JUDGING, judge_run__isnull=False)
    return Cell.objects.filter(live, experiment=pk).exists()
