"""The end of a cell's run: its answer is checked, and its cost and its verdict are stored."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from accounts import money
from accounts.folding import fold
from chat.evaluation.answers import Answered, Called, CheckOutcome, letters_of, passed_all, skipped
from chat.evaluation.check_kinds import JUDGE, outcome_of, why_skipped
from chat.evaluation.judging import NO_VERDICT, verdict_in
from chat.flows.extend_hold import LIMIT
from chat.folding import MAX_FOLDED
from chat.models import Cell, Run

if TYPE_CHECKING:
    from typing import Any


@transaction.atomic
def settle_cell(pk: int, *, no_judge: str = "") -> str:
    """Store what the ended run of a cell brought; return why its experiment has to pause, or nothing.

    ``no_judge`` is the reason why its answer cannot be judged.
    """
    cell = (
        Cell.objects.select_for_update(of=("self",))
        .select_related("experiment", "run", "judge_run")
        .filter(pk=pk, state__in=Cell.OPEN)
        .first()
    )
    if cell is None:
        return ""
    is_judged = cell.state == Cell.State.JUDGING
    run = cell.judge_run if is_judged else cell.run
    # Another process may have settled the answer meanwhile, so that the cell waits for its judge.
    if not no_judge and (run.is_live if run is not None else is_judged):
        return ""
    if cell.state == Cell.State.RUNNING:
        _take_answer(cell, cell.run)
    else:
        _take_verdict(cell, cell.judge_run, no_judge)
    cell.letters = letters_of(cell.outcomes)
    cell.save()
    return _halting(run)


def _halting(run: Run | None) -> str:
    error = (run.error if run else None) or {}
    return str(error.get("message", "")) if error.get("kind") == LIMIT else ""


def _take_answer(cell: Cell, run: Run | None) -> None:
    if run is None:
        cell.state, cell.error = Cell.State.ERROR, "The run was deleted."
        return
    cell.usd = cost_of(run)
    if run.started_at and run.finished_at:
        cell.seconds = (run.finished_at - run.started_at).total_seconds()
    if run.status != Run.Status.FINISHED:
        cell.state, cell.error = Cell.State.ERROR, why_no_answer(run)
        return
    answer, is_judged = _answered(run, cell), False
    outcomes: list[dict[str, Any] | None] = []
    for check in cell.experiment.check_settings:
        if check.kind != JUDGE:
            outcomes.append(outcome_of(check, cell.values, answer).as_json())
        elif reason := why_skipped(check, cell.values):
            outcomes.append(skipped(reason).as_json())
        else:
            outcomes.append(None)
            is_judged = True
    cell.outcomes, cell.folded = outcomes, fold(answer.text[:MAX_FOLDED])
    cell.state = Cell.State.JUDGING if is_judged else _verdict(cell)


def _answered(run: Run, cell: Cell) -> Answered:
    result = run.result or {}
    calls = (result.get("data") or {}).get("tool_calls") or []
    found = tuple(Called(str(call.get("name", "")), str(call.get("arguments", ""))) for call in calls)
    return Answered(result.get("text", ""), cell.usd, cell.seconds, found)


def _take_verdict(cell: Cell, run: Run | None, no_judge: str) -> None:
    if run is not None:
        cell.judge_usd = cost_of(run)
    if run is None or run.status != Run.Status.FINISHED:
        why = no_judge or (why_no_answer(run) if run else "Its run was deleted.")
        outcome = CheckOutcome(None, f"{NO_VERDICT}: {why}")
    else:
        outcome = verdict_in((run.result or {}).get("text", ""))
    cell.outcomes = [outcome.as_json() if each is None else each for each in cell.outcomes]
    cell.state = _verdict(cell)


def _verdict(cell: Cell) -> str:
    outcomes = [CheckOutcome.of(each) for each in cell.outcomes if each is not None]
    if all(outcome.is_skipped for outcome in outcomes):
        return Cell.State.UNCHECKED
    passed = passed_all(outcomes)
    if passed is None:
        return Cell.State.UNDECIDED
    return Cell.State.PASSED if passed else Cell.State.FAILED


def cost_of(run: Run) -> Decimal:
    """Return the cost of an ended run in dollars; nothing if it cost nothing."""
    if run.credits is None:
        return Decimal(0)
    return money.cost_in_usd(run.usd, run.credits)


def why_no_answer(run: Run) -> str:
    """Say why a run has no whole answer."""
    if message := (run.error or {}).get("message"):
        return str(message)
    return {
        Run.Status.STOPPED: "The answer was stopped.",
        Run.Status.INTERRUPTED: "The server ended while the answer was written.",
    }.get(Run.Status(run.status), "There is no answer.")
