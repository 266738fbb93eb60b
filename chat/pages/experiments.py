"""The list of a table's experiments, and the progress and the figures of one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Avg, Count, Q, Sum

from accounts import money
from accounts.permissions import Action, allows
from chat.evaluation.summaries import Counts, percent
from chat.flows.steer_experiment import FAILURES
from chat.models import Cell, Experiment, Variant
from chat.pages.scatter import PlottedVariant, colour_of, scatter
from chat.pages.tables import deleted_experiments, table_context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import Membership
    from chat.evaluation.intervals import Interval
    from chat.evaluation.summaries import Difference
    from chat.models import TableOfCases

_COUNTED = {
    Cell.State.PASSED: "passed",
    Cell.State.FAILED: "failed",
    Cell.State.UNDECIDED: "undecided",
    Cell.State.UNCHECKED: "unchecked",
    Cell.State.ERROR: "errors",
}


# Outcomes by the letters of chat.evaluation.answers.letters_of. Only passed and failed ones make a rate.
_COUNTED_LETTERS = {"p": "passed", "f": "failed", "n": "undecided"}


@dataclass(slots=True)
class Figures:
    """The figures of a variant, or of a whole experiment. ``seconds`` are the mean of an answer."""

    variant: Variant | None = None
    counts: Counts = field(default_factory=Counts)
    # The number of answers to each case, which together count as one in intervals.
    per_case: int = 1
    usd: Decimal = Decimal(0)
    judge_usd: Decimal = Decimal(0)
    earlier_usd: Decimal = Decimal(0)
    answers: int = 0
    all_seconds: float = 0.0
    # The difference to another experiment, and the cases that changed.
    difference: Difference | None = None
    fixed: int = 0
    broken: int = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Add cells of one state."""
        self.counts += Counts(**{_COUNTED.get(row["state"], "waiting"): row["cells"]})
        self.usd += row["usd__sum"]
        self.judge_usd += row["judge_usd__sum"]
        self.earlier_usd += row["earlier_usd__sum"]
        self.answers += row["timed"]
        self.all_seconds += (row["seconds__avg"] or 0.0) * row["timed"]

    @property
    def colour(self) -> int:
        return colour_of(self.variant.number) if self.variant else 0

    @property
    def seconds(self) -> float | None:
        return self.all_seconds / self.answers if self.answers else None

    @property
    def rate_in_words(self) -> str:
        return "–" if self.counts.rate is None else percent(self.counts.rate)

    @property
    def interval(self) -> Interval:
        return self.counts.interval(self.per_case)

    @property
    def interval_in_words(self) -> str:
        if self.counts.rate is None:
            return ""
        low, high = self.interval
        return f"{percent(low)} to {percent(high)}"

    @property
    def difference_in_words(self) -> str:
        """The difference in percentage points with its interval: "+5.0 (−1.2 to +11.0)"."""
        if self.difference is None:
            return "–"
        low, high = self.difference.interval
        return f"{_points(self.difference.rate)} ({_points(low)} to {_points(high)})"

    @property
    def usd_per_answer(self) -> Decimal:
        return self.usd / self.answers if self.answers else Decimal(0)

    @property
    def usd_in_words(self) -> str:
        return money.usd(self.usd)

    @property
    def per_answer_in_words(self) -> str:
        return money.usd(self.usd_per_answer) if self.answers else "–"

    @property
    def judge_in_words(self) -> str:
        return money.usd(self.judge_usd) if self.judge_usd else "–"

    @property
    def seconds_in_words(self) -> str:
        return "–" if self.seconds is None else f"{self.seconds:.2f} s"

    @property
    def spent(self) -> Decimal:
        """The cost of everything, with judges and earlier attempts."""
        return self.usd + self.judge_usd + self.earlier_usd


def _points(share: float) -> str:
    """
    >>> _points(0.052), _points(-0.1), _points(0.0)
    ('+5.2', '−10.0', '0.0')
    """
    text = f"{100 * share:+.1f}".replace("-", "−")
    return "0.0" if text[1:] == "0.0" else text


def figures_of(experiment: Experiment) -> list[Figures]:
    """Return the figures of each variant, from two queries."""
    variants = experiment.variants.order_by("number")
    found = {variant.pk: Figures(variant, per_case=experiment.repetitions) for variant in variants}
    rows = (
        Cell.objects.filter(experiment=experiment)
        .order_by()
        .values("variant", "state")
        .annotate(
            Sum("usd"),
            Sum("judge_usd"),
            Sum("earlier_usd"),
            Avg("seconds"),
            cells=Count("pk"),
            timed=Count("seconds"),
        )
    )
    for row in rows:
        found[row["variant"]].add(row)
    return list(found.values())


def rates_of_checks(experiment: Experiment, figures: list[Figures]) -> list[tuple[str, list[Figures]]]:
    """Return for each check its label and its pass rate in each variant, if there are several checks."""
    labels = [check.label for check in experiment.check_settings]
    if len(labels) < 2:
        return []
    counted: dict[tuple[int, int], Counts] = defaultdict(Counts)
    rows = Cell.objects.filter(experiment=experiment).exclude(letters="").order_by()
    for variant, letters, cells in rows.values_list("variant", "letters").annotate(Count("pk")):
        for place, letter in enumerate(letters):
            if name := _COUNTED_LETTERS.get(letter):
                counted[variant, place] += Counts(**{name: cells})
    variants = [each.variant for each in figures if each.variant is not None]
    per_case = experiment.repetitions
    return [
        (label, [Figures(variant, counted[variant.pk, place], per_case) for variant in variants])
        for place, label in enumerate(labels)
    ]


def total_of(figures: list[Figures]) -> Figures:
    total = Figures()
    for each in figures:
        total.counts += each.counts
        total.usd += each.usd
        total.judge_usd += each.judge_usd
        total.earlier_usd += each.earlier_usd
        total.answers += each.answers
        total.all_seconds += each.all_seconds
    return total


def list_of_experiments(membership: Membership, table: TableOfCases) -> dict[str, Any]:
    """Return the experiments of a table, newest first, with their pass rates."""
    counted: dict[int, Counts] = defaultdict(Counts)
    cells_of_table = Cell.objects.filter(experiment__table=table, experiment__deleted_at=None)
    rows = cells_of_table.order_by().values_list("experiment", "state")
    for pk, state, cells in rows.annotate(Count("pk")):
        counted[pk] += Counts(**{_COUNTED.get(state, "waiting"): cells})
    experiments = list(table.experiments.select_related("user").annotate(of=Count("variants")))
    listed = [
        (each, Figures(counts=counted[each.pk], per_case=each.repetitions * max(1, each.of)))
        for each in experiments
    ]
    context = table_context(membership, table, "experiments")
    return {
        **context,
        **deleted_experiments(membership, table),
        "experiments": listed,
        "can_run": allows(membership.role, Action.SEND),
    }


def progress_context(
    membership: Membership, experiment: Experiment, figures: list[Figures]
) -> dict[str, Any]:
    """Return how far an experiment is, with the time that is left and what it has cost."""
    table, total = experiment.table, total_of(figures)
    can_run = allows(membership.role, Action.SEND)
    is_mine = experiment.user_id == membership.user_id
    is_open = Cell.objects.filter(_of_open_runs(), experiment=experiment).exists()
    errors = total.counts.errors
    failures = {
        "error": (errors, "error" if errors == 1 else "errors"),
        "failed": (total.counts.failed, "failed"),
        "undecided": (total.counts.undecided, "without a verdict"),
    }
    return {
        "workspace": membership.workspace,
        "table": table,
        "experiment": experiment,
        "figures": figures,
        "total": total,
        "check_rates": rates_of_checks(experiment, figures),
        "is_live": experiment.state == Experiment.State.RUNNING or is_open,
        "is_open": is_open,
        "pause": _pause(experiment, is_mine=is_mine),
        "time_left": _time_left(experiment, total),
        "announced": _announced(experiment, total),
        "spent": money.usd(total.spent),
        "cap": money.usd(money.in_usd(experiment.cap.amount)) if experiment.cap else "",
        "has_judge": bool(experiment.judge_name),
        "can_run": can_run,
        # All runs are in the name of the person who started it.
        "can_spend": can_run and is_mine,
        "failures": [(state, *failures[state]) for state in FAILURES if failures[state][0]],
    }


def _announced(experiment: Experiment, total: Figures) -> str:
    """Return what a screen reader hears: it changes with the state, and four times on the way."""
    state, counts = experiment.get_state_display(), total.counts
    if experiment.state != Experiment.State.RUNNING:
        return f"{state}."
    quarter = 4 * counts.ended // counts.all if counts.all else 0
    return f"{state}, {25 * quarter} % done."


def _pause(experiment: Experiment, *, is_mine: bool) -> str:
    """Return why an experiment pauses or waits. A personal limit is described to its person alone."""
    if experiment.is_pause_personal and not is_mine:
        return "A limit of the person who started it leaves too little."
    return experiment.pause


def _of_open_runs() -> Q:
    return Q(state=Cell.State.RUNNING) | Q(state=Cell.State.JUDGING, judge_run__isnull=False)


def _time_left(experiment: Experiment, total: Figures) -> str:
    """Say how long the waiting cells will take at the mean duration so far; empty if that is not known."""
    if experiment.state != Experiment.State.RUNNING or not total.counts.waiting or total.seconds is None:
        return ""
    seconds = total.counts.waiting * total.seconds / experiment.concurrency
    if seconds < 90:
        return f"about {max(1, round(seconds))} s left"
    minutes = seconds / 60
    return f"about {round(minutes)} min left" if minutes < 90 else f"about {minutes / 60:.1f} h left"


def charts_of(figures: list[Figures]) -> list[Any]:
    """Return the charts of quality against cost and against time, as far as there are figures."""
    known = [each for each in figures if each.counts.rate is not None and each.answers and each.variant]
    found = [
        scatter(
            "Pass rate and cost of an answer",
            [_figure(each, float(each.usd_per_answer)) for each in known],
            lambda usd: money.usd(Decimal(f"{usd:.3g}")),
        ),
        scatter(
            "Pass rate and time of an answer",
            [_figure(each, each.seconds or 0.0) for each in known],
            lambda seconds: f"{seconds:.3g} s",
        ),
    ]
    return [chart for chart in found if chart is not None]


def _figure(each: Figures, along: float) -> PlottedVariant:
    low, high = each.interval
    number = each.variant.number if each.variant else 0
    return PlottedVariant(number, each.counts.rate or 0.0, low, high, along)
