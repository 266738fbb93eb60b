"""The results of an experiment as a file, in portions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models.fields.json import KeyTextTransform

from accounts.spreadsheets import csv_lines
from chat.evaluation.answers import CheckOutcome
from chat.evaluation.json_lines import json_line
from chat.models import Cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.models import Experiment

_PORTION = 500
_FACTS = (
    *("case", "repetition", "prompt", "provider", "model", "parameters", "state", "answer"),
    *("checks", "error", "usd", "judge_usd", "seconds", "run"),
)


def result_portions(experiment: Experiment, *, is_lines: bool) -> Iterator[str]:
    """Yield the file piece by piece: one row for each cell.

    CSV has the values of the case in columns of their own, whose names begin with "value.".
    """
    if not is_lines:
        yield "\ufeff" + csv_lines([[*_FACTS, *(f"value.{name}" for name in experiment.columns)]])
    labels = [check.label for check in experiment.check_settings]
    last = 0
    while cells := _after(experiment, last):
        last = cells[-1].pk
        facts = [_facts(cell, labels) for cell in cells]
        if is_lines:
            yield "".join(
                json_line({**each, "values": _known(cell, experiment)})
                for each, cell in zip(facts, cells, strict=True)
            )
        else:
            yield csv_lines(
                [*map(_text, each.values()), *(cell.values.get(name, "") for name in experiment.columns)]
                for each, cell in zip(facts, cells, strict=True)
            )


def _after(experiment: Experiment, pk: int) -> list[Cell]:
    # Each portion is a query of its own: a slow download must not keep a cursor open.
    cells = Cell.objects.filter(experiment=experiment, pk__gt=pk).select_related("variant", "run")
    own = [field.name for field in Cell._meta.concrete_fields]
    named = [f"variant__{name}" for name in ("prompt_name", "provider_code", "model_id", "parameters")]
    return list(
        cells.only(*own, *named, "run__code")
        .annotate(text=KeyTextTransform("text", "run__result"))
        .order_by("pk")[:_PORTION]
    )


def _facts(cell: Cell, labels: list[str]) -> dict[str, Any]:
    variant = cell.variant
    outcomes = [
        {"check": label, **CheckOutcome.of(each).as_json()}
        for label, each in zip(labels, cell.outcomes, strict=False)
        if each is not None
    ]
    said = getattr(cell, "text", None) or ""
    found = (
        *(cell.case_number, cell.repetition, variant.prompt_name, variant.provider_code, variant.model_id),
        *(variant.parameters, cell.state, said, outcomes, cell.error),
        *(f"{cell.usd:f}", f"{cell.judge_usd:f}", cell.seconds, str(cell.run.code) if cell.run else ""),
    )
    return dict(zip(_FACTS, found, strict=True))


def _known(cell: Cell, experiment: Experiment) -> dict[str, str]:
    """Return the values of the columns that the table had."""
    return {name: cell.values[name] for name in experiment.columns if name in cell.values}


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        return json_line(value).rstrip("\n") if isinstance(value, dict) else _checks(value)
    return "" if value is None else str(value)


def _checks(outcomes: list[dict[str, Any]]) -> str:
    words = {True: "passed", False: "failed", None: "no verdict"}
    return "\n".join(
        f"{each['check']}: {'skipped' if each['is_skipped'] else words[each['passed']]}. {each['reason']}"
        for each in outcomes
    )
