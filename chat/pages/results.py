"""The grid of an experiment: a row for each case, a column for each variant."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Substr
from django.urls import reverse

from chat.evaluation.answers import CheckOutcome
from chat.evaluation.summaries import changes, difference
from chat.models import Cell, Experiment
from chat.pages.experiments import Figures, charts_of, figures_of, progress_context
from chat.pages.tables import table_context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import Membership
    from chat.models import Run, Variant

# Cells and characters of an answer that a page shows.
_MOST_CELLS, _MOST_CASES, _FEWEST_CASES = 400, 50, 5
_SHOWN = 280
# Changed cells of a variant that a comparison counts.
_MOST_CHANGES = 1_000
_CHANGES = {"broken": "Passed before, fails now", "fixed": "Failed before, passes now"}


class CellPlace(NamedTuple):
    """The place of a cell in the grid of its experiment."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell in the grid, with the outcomes of its checks by their labels."""

    cell: Cell
    text: str
    outcomes: list[tuple[str, CheckOutcome]]

    @property
    def is_cut(self) -> bool:
        return len(self.text) > _SHOWN

    @property
    def shown(self) -> str:
        return f"{self.text[:_SHOWN]}…" if self.is_cut else self.text


def results_context(
    membership: Membership, experiment: Experiment, asked: Mapping[str, str]
) -> dict[str, Any]:
    """Return the page of an experiment. ``asked`` are its filters, the page and what it is compared with."""
    figures = figures_of(experiment)
    earlier = [each for each in experiment.table.experiments.all() if each.number != experiment.number]
    compared = next((each for each in earlier if str(each.number) == asked.get("compare")), None)
    changed = compare(figures, compared) if compared else {}
    state = asked.get("state", "") if asked.get("state") in Cell.State.values else ""
    variant = next((each.variant for each in figures if str(_number(each)) == asked.get("variant")), None)
    change = asked.get("change", "") if compared and asked.get("change") in _CHANGES else ""
    cells = Cell.objects.filter(experiment=experiment)
    if state:
        cells = cells.filter(state=state)
    if variant:
        cells = cells.filter(variant=variant)
    if case := _case_number(asked.get("case", "")):
        cells = cells.filter(case_number=case)
    if change:
        cells = cells.filter(pk__in=changed[change])
    numbers = cells.order_by("case_number").values_list("case_number", flat=True).distinct()
    page = Paginator(numbers, _cases_per_page(experiment, len(figures))).get_page(asked.get("page", "1"))
    kept = {"state": state, "change": change}
    kept |= {
        "variant": str(variant.number) if variant else "",
        "compare": str(compared.number) if compared else "",
    }
    return {
        **table_context(membership, experiment.table, "experiments"),
        **progress_context(membership, experiment, figures),
        "charts": charts_of(figures),
        "page": page,
        "rows": _rows(experiment, list(page.object_list), figures),
        "query": urlencode({name: value for name, value in kept.items() if value}),
        "chosen": kept,
        "only_case": case,
        "has_filters": bool(case or state or variant or change),
        "states": Cell.State.choices,
        "changes": _CHANGES.items() if compared else (),
        "earlier": earlier,
        "compared": compared,
    }


def _case_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _number(figures: Figures) -> int:
    return figures.variant.number if figures.variant else 0


def _cases_per_page(experiment: Experiment, variants: int) -> int:
    """Return how many cases a page has, fewer where each has many cells."""
    fitting = _MOST_CELLS // max(1, variants * experiment.repetitions)
    return max(_FEWEST_CASES, min(_MOST_CASES, fitting))


def place_of(run: Run) -> CellPlace | None:
    """Return where the grid of an experiment shows a run, or the run of a judge; None for other runs."""
    cells = Cell.objects.select_related("experiment__table__workspace").filter(Q(run=run) | Q(judge_run=run))
    if run.conversation_id is not None or (cell := cells.first()) is None:
        return None
    experiment, table = cell.experiment, cell.experiment.table
    before = Cell.objects.filter(experiment=experiment, case_number__lt=cell.case_number)
    rows = before.order_by().values("case_number").distinct().count()
    page = rows // _cases_per_page(experiment, experiment.variants.count()) + 1
    url = reverse("chat:experiment", args=[table.workspace.slug, table.code, experiment.number])
    link = "run" if cell.run_id == run.pk else "judge"
    return CellPlace(f"{table.name}, experiment {experiment.number}", f"{url}?page={page}#{link}-{cell.pk}")


def _rows(
    experiment: Experiment, numbers: list[int], figures: list[Figures]
) -> list[tuple[int, list[tuple[str, str]], list[tuple[Variant | None, list[ShownCell]]]]]:
    """Return for each case its number, its values by name, and its cells by variant."""
    labels = [check.label for check in experiment.check_settings]
    cells = Cell.objects.filter(experiment=experiment, case_number__in=numbers).select_related(
        "run", "judge_run"
    )
    # A body and a whole answer may be long, and the grid shows their beginning.
    cells = cells.only(
        *(field.name for field in Cell._meta.concrete_fields if field.name != "folded"),
        "run__code",
        "judge_run__code",
    ).annotate(text=Substr(KeyTextTransform("text", "run__result"), 1, _SHOWN + 1))
    found: dict[tuple[int, int], list[ShownCell]] = defaultdict(list)
    values: dict[int, dict[str, str]] = {}
    for cell in cells.order_by("repetition"):
        values[cell.case_number] = cell.values
        outcomes = [
            (label, CheckOutcome.of(outcome))
            for label, outcome in zip(labels, cell.outcomes, strict=False)
            if outcome is not None
        ]
        text = getattr(cell, "text", "") or ""
        found[cell.case_number, cell.variant_id].append(ShownCell(cell, text, outcomes))
    variants = [each.variant for each in figures if each.variant is not None]
    return [
        (
            number,
            [(name, values[number].get(name, "")) for name in experiment.columns if values[number].get(name)],
            [(variant, found[number, variant.pk]) for variant in variants],
        )
        for number in numbers
        if number in values
    ]


def compare(figures: list[Figures], before: Experiment) -> dict[str, list[int]]:
    """Set the differences to another experiment; return the cells that changed, by the kind of change.

    Variants are compared that have the same prompt, model and parameters. Only a case with the same values as
    before counts as changed.
    """
    others = {each.variant.key: each for each in figures_of(before) if each.variant}
    changed: dict[str, list[int]] = {"fixed": [], "broken": []}
    for each in figures:
        other = others.get(each.variant.key) if each.variant else None
        if other is None or each.variant is None or other.variant is None:
            continue
        each.difference = difference(each.counts, other.counts, each.per_case, other.per_case)
        pairs = _changed_pairs(each.variant, other.variant)
        each.fixed, each.broken = changes((new, old) for _, new, old in pairs)
        for pk, new, _ in pairs:
            changed["fixed" if new else "broken"].append(pk)
    return changed


def _changed_pairs(now: Variant, before: Variant) -> list[tuple[int, bool, bool]]:
    """Return the key, the verdict and the earlier verdict of each cell whose verdict has changed."""
    decided = (Cell.State.PASSED, Cell.State.FAILED)
    old = {
        (number, repetition): (pk, state)
        for pk, number, repetition, state in Cell.objects.filter(
            variant=before, state__in=decided
        ).values_list("pk", "case_number", "repetition", "state")
    }
    changed = []
    for pk, number, repetition, state in Cell.objects.filter(variant=now, state__in=decided).values_list(
        "pk", "case_number", "repetition", "state"
    ):
        found = old.get((number, repetition))
        if found is not None and found[1] != state:
            changed.append((pk, found[0], state == Cell.State.PASSED))
    # A database takes so many values in a query, and nobody reads more changes.
    changed = changed[:_MOST_CHANGES]
    values = dict(
        Cell.objects.filter(pk__in=[key for pair in changed for key in pair[:2]]).values_list("pk", "values")
    )
    return [(pk, passes, not passes) for pk, other, passes in changed if values[pk] == values[other]]
