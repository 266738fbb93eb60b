"""Experiments whose runs are ended by the test instead of an upstream."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from chat.evaluation.check_kinds import CheckSetting
from chat.evaluation.csv_reading import Sheet
from chat.flows.advance_experiment import advance_experiment
from chat.flows.change_cases import add_cases
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.start_experiment import AskedPrompt, Plan, start_experiment
from chat.models import Cell, Experiment, Run, TableOfCases
from chat.prompts.content import MessageRole, PromptContent, PromptMessage, Variable
from playground.upstream.answer import Answer
from playground.upstream.events import Failed, Finished, TextDelta

CAPITAL = PromptContent(
    messages=(PromptMessage(MessageRole.USER, "Which land has the capital {{city}}?"),),
    variables=(Variable("city"),),
)


def table_of(workspace, user, rows: list[list[str]], *checks: CheckSetting) -> TableOfCases:
    table = TableOfCases.objects.create(
        workspace=workspace, name="Cities", created_by=user, checks=[check.as_json() for check in checks]
    )
    add_cases(table, Sheet(["city", "expected"], rows), actor=user)
    return table


def cities(count: int) -> list[list[str]]:
    return [[f"city {number}", f"land {number}"] for number in range(1, count + 1)]


def experiment_of(table: TableOfCases, endpoint: Any, user: Any, **options: Any) -> Experiment:
    plan = Plan([AskedPrompt("Capital v1", CAPITAL)], [endpoint], **options)
    return start_experiment(table, plan, actor=user)


def end(run: Run, text: str = "", *, failure: Any = None, status: str = "") -> None:
    """End an open run with a text, or with a failure."""
    answer = Answer()
    events: list[Any] = [TextDelta(text), Finished("stop")] if failure is None else [failure]
    for event in events:
        answer.apply(event)
    run.refresh_from_db()
    ending = Run.Status(status or (Run.Status.FINISHED if failure is None else Run.Status.FAILED))
    error = {"kind": str(failure.kind), "message": failure.message} if isinstance(failure, Failed) else None
    assert finish_run(run, Outcome(ending, answer, error=error), fence=run.fence)


def run_through(experiment: Experiment, say: Callable[[Run], str]) -> list[Run]:
    """Advance an experiment until it opens nothing more; return all runs in their order."""
    opened: list[Run] = []
    waiting = advance_experiment(experiment.pk)
    while waiting:
        opened += waiting
        for run in waiting:
            end(run, say(run))
        waiting = advance_experiment(experiment.pk)
    experiment.refresh_from_db()
    return opened


def asked(run: Run) -> str:
    return str(run.body["messages"][-1]["content"])


def states(experiment: Experiment) -> list[str]:
    cells = Cell.objects.filter(experiment=experiment)
    return list(cells.order_by("case_number", "variant_id", "repetition").values_list("state", flat=True))


def cost_of_all(experiment: Experiment) -> Decimal:
    cells = Cell.objects.filter(experiment=experiment)
    return sum((cell.usd + cell.judge_usd + cell.earlier_usd for cell in cells), Decimal(0))
