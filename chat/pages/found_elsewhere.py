"""The part of the search beside conversations: prompts, test tables with their cases, and results.

A member finds what they have access to. As in :mod:`chat.pages.search`, the newest rows are compared one by
one, and a search reads at most so many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left
from django.urls import reverse

from chat.library_access import visible_items
from chat.models import Cell, Prompt, PromptVersion, TableCase, TableOfCases
from chat.pages.search import MOST_MESSAGES, Excerpt, excerpt

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from accounts.models import Membership

# Rows that each group shows.
_MOST = 8
# Characters of a text in which its hit is shown as it was written.
_READ = 20_000


@dataclass(frozen=True, slots=True)
class FoundObject:
    """A row of the list: the object by its name, where it is, and the words around the hit."""

    title: str
    url: str
    excerpt: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class FoundGroup:
    label: str
    rows: list[FoundObject]
    has_more: bool


def found_elsewhere(membership: Membership, words: str) -> list[FoundGroup]:
    """Return what was found, without empty groups."""
    if not words:
        return []
    slug = membership.workspace.slug
    prompts = visible_items(Prompt, membership).filter(folded__contains=words)
    visible = visible_items(TableOfCases, membership)
    tables = visible.filter(folded_name__contains=words)
    cases = TableCase.objects.filter(table__in=visible)
    cells = Cell.objects.filter(experiment__table__in=visible, experiment__deleted_at=None)
    return [
        group
        for group in (
            _group("Prompts", prompts.order_by("name"), lambda found: _prompts(slug, found, words)),
            _group("Test tables", tables.order_by("name"), lambda found: _tables(slug, found)),
            _group("Test cases", _newest(cases, words), lambda found: _cases(slug, found, words)),
            _group("Results", _newest(cells, words), lambda found: _cells(slug, found, words)),
        )
        if group.rows
    ]


def _newest(readable: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Return those with the words, the newest first, of the rows that a search reads."""
    ordered = readable.order_by("-pk")
    oldest = ordered.values_list("pk", flat=True)[MOST_MESSAGES : MOST_MESSAGES + 1].first()
    if oldest is not None:
        ordered = ordered.filter(pk__gt=oldest)
    return ordered.filter(folded__contains=words)


def _group(label: str, found: QuerySet[Any], rows_of: Callable[[list[int]], list[FoundObject]]) -> FoundGroup:
    # Long texts are compared, so only the keys of all come back.
    keys = list(found.values_list("pk", flat=True)[: _MOST + 1])
    return FoundGroup(label, rows_of(keys[:_MOST]) if keys else [], len(keys) > _MOST)


def _prompts(slug: str, keys: list[int], words: str) -> list[FoundObject]:
    newest = PromptVersion.objects.filter(prompt__in=keys, number=F("prompt__version"))
    made = []
    for version in newest.select_related("prompt").order_by("prompt__name"):
        prompt = version.prompt
        text = "\n".join((prompt.name, prompt.description, *version.read().texts))[:_READ]
        url = reverse("chat:prompt", args=[slug, prompt.code])
        made.append(FoundObject(prompt.name, url, excerpt(text, words, prompt.folded.find(words))))
    return made


def _tables(slug: str, keys: list[int]) -> list[FoundObject]:
    rows = TableOfCases.objects.filter(pk__in=keys).order_by("name")
    return [FoundObject(each.name, reverse("chat:table", args=[slug, each.code])) for each in rows]


def _cases(slug: str, keys: list[int], words: str) -> list[FoundObject]:
    rows = TableCase.objects.filter(pk__in=keys).order_by("-pk").select_related("table")
    return [
        FoundObject(
            f"{case.table.name}, case {case.number}",
            reverse("chat:case", args=[slug, case.table.code, case.number]),
            excerpt("\n".join(map(str, case.values.values()))[:_READ], words, case.folded.find(words)),
        )
        for case in rows
    ]


def _cells(slug: str, keys: list[int], words: str) -> list[FoundObject]:
    rows = Cell.objects.filter(pk__in=keys).order_by("-pk").select_related("experiment__table")
    made = []
    for cell in rows.annotate(text=Left(KeyTextTransform("text", "run__result"), _READ)):
        table, number = cell.experiment.table, cell.experiment.number
        url = reverse("chat:experiment", args=[slug, table.code, number])
        made.append(
            FoundObject(
                f"{table.name}, experiment {number}, case {cell.case_number}",
                f"{url}?case={cell.case_number}#cell-{cell.pk}",
                excerpt(cell.text or "", words, cell.folded.find(words)),
            )
        )
    return made
