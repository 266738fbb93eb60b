"""The choices of best answers: those of a comparison, and the results of each model in its workspace."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.models import AnswerChoice
from playground.labels import model_names

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import Workspace
    from chat.models import Conversation

# The choices that results are computed from, the newest ones.
MOST_CHOICES = 5_000


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    name: str
    person: str
    note: str
    was_blind: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ModelResult:
    """How often a model was chosen, of the choices in which it took part."""

    name: str
    chosen: int
    of: int

    @property
    def percent(self) -> int:
        return round(100 * self.chosen / self.of) if self.of else 0


def choices_of(entry: Conversation) -> list[ChoiceRow]:
    """Return the choices of a comparison, newest first."""
    found = list(AnswerChoice.objects.select_related("user").filter(comparison=entry)[:50])
    names = model_names(entry.workspace, {(each.provider_code, each.model_id) for each in found})
    return [
        ChoiceRow(
            names[each.provider_code, each.model_id],
            each.user.display_name if each.user else "Somebody",
            each.note,
            each.was_blind,
            each.created_at,
        )
        for each in found
    ]


def results_in(workspace: Workspace) -> list[ModelResult]:
    """Return the results of the models that were compared in a workspace, the one chosen most often first."""
    rows = AnswerChoice.objects.filter(workspace=workspace).values_list("provider_code", "model_id", "among")
    chosen: Counter[tuple[str, str]] = Counter()
    met: Counter[tuple[str, str]] = Counter()
    for provider_code, model_id, among in rows[:MOST_CHOICES]:
        chosen[provider_code, model_id] += 1
        met.update((provider, model) for provider, model in among)
    names = model_names(workspace, set(met))
    results = [ModelResult(names[model], chosen[model], of) for model, of in met.items()]
    return sorted(results, key=lambda each: (-each.chosen / each.of, -each.of, each.name))
