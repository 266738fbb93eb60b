"""The statistics of a model: how its tokeniser counts, and how long its answers are.

A prompt only reads the copy of this process. Once a minute one process adds the answers that have ended, and
every process reads what has changed. Costs come in the order of the ledger; one that is committed late is
left out, which changes no statistic noticeably.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.timezone import now

from accounts.models import LedgerEntry
from chat.models import LearnedUpTo, ModelStatistics, Run
from playground.estimating.statistics import UNKNOWN, Statistics
from playground.models import Provider

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

# Answers that one look takes: a busier server learns from some of them.
MOST_AT_ONCE = 500
# A few tokens of reasoning that come without words say nothing.
_NOTABLE = 64

_LEARNED_FROM = (
    *("script", "counted_tokens", "references", "input_tokens", "output_tokens", "reasoning_tokens"),
    "basis",
)

_known: dict[int, Statistics] = {}
_read_up_to: list[datetime] = []


def statistics_of(model_pk: int) -> Statistics:
    """Return what this process knows of a model. No query."""
    return _known.get(model_pk, UNKNOWN)


def learn_statistics() -> None:
    """Add the answers that have ended since the last time, and read what other processes have added."""
    _learn()
    found = ModelStatistics.objects.order_by("updated_at")
    if _read_up_to:
        found = found.filter(updated_at__gte=_read_up_to[0])
    for row in found:
        _known[row.model_id] = Statistics.of(row.learned)
        _read_up_to[:] = [row.updated_at]


def forget_statistics() -> None:
    """Empty the copy of this process."""
    _known.clear()
    _read_up_to.clear()


def _learn() -> None:
    last = LearnedUpTo.objects.filter(pk=LearnedUpTo.ONLY).values_list("entry", flat=True).first()
    if LedgerEntry.objects.filter(pk__gt=last or 0).exists():
        _add_new()


@transaction.atomic
def _add_new() -> None:
    LearnedUpTo.objects.get_or_create(pk=LearnedUpTo.ONLY)
    rows = LearnedUpTo.objects.filter(pk=LearnedUpTo.ONLY)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(skip_locked=True)
    last = rows.first()
    if last is None:
        return
    entries = LedgerEntry.objects.filter(pk__gt=last.entry).order_by("-pk")
    codes = dict(entries.values_list("pk", "run_code")[:MOST_AT_ONCE])
    if not codes:
        return
    _add(Run.objects.filter(code__in=codes.values()))
    last.entry = max(codes)
    last.save()


def _add(runs: Any) -> None:
    """Add the answers whose tokens a provider has counted. Titles are short, and the demo makes its up."""
    counted = (
        runs.filter(are_tokens_estimated=False, endpoint__isnull=False, status=Run.Status.FINISHED)
        .filter(title_of__isnull=True)
        .exclude(endpoint__model__provider__kind=Provider.Type.DEMO)
        .order_by("finished_at")
        .values_list("endpoint__model", *_LEARNED_FROM)
    )
    by_model: dict[int, list[Any]] = {}
    for model_pk, *answer in counted:
        by_model.setdefault(model_pk, []).append(answer)
    stored = ModelStatistics.objects.in_bulk(by_model, field_name="model_id")
    moment = now()
    for model_pk, answers in sorted(by_model.items()):
        row = stored.get(model_pk) or ModelStatistics(model_id=model_pk)
        learned = Statistics.of(row.learned)
        _add_answers(learned, answers)
        row.learned, row.updated_at = learned.as_json(), moment
        row.save()


def _add_answers(learned: Statistics, answers: Iterable[Any]) -> None:
    for script, counted, references, read, written, reasoning, basis in answers:
        if script and counted and read and not references:
            learned.add_input(script, counted, read)
        if written:
            learned.add_length(written)
        if (reasoning or 0) >= _NOTABLE:
            learned.add_reasoning(is_hidden=bool((basis or {}).get("hidden_tokens")))
