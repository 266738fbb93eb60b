"""The names of models and endpoints that people read, the same on every page."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, CharField, Min, Q

from accounts.names import one_line
from accounts.prepared import prepared
from playground.access import DECIDED, catalogue_of, models_for
from playground.models import Provider, UpstreamModel
from playground.upstream.dialects.registry import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from accounts.models import Membership, Workspace

# More suggestions are not read; a search finds the others.
MOST_OFFERED = 20
# The code of a provider and the id of one of its models, of which runs and ledger entries keep copies.
ModelKey = tuple[str, str]


def endpoint_label(kind: str) -> str:
    """Return the name of a kind of endpoint; an unknown kind is its own name.

    >>> endpoint_label("chat/completions"), endpoint_label("embeddings")
    ('Chat Completions', 'embeddings')
    """
    return DIALECTS[kind].label if kind in DIALECTS else kind


def list_price_in_words(listed_on: date) -> str:
    """Name the source of a list price.

    >>> list_price_in_words(date(2026, 11, 30))
    'the vendor’s list price of 30 November 2026'
    """
    return f"the vendor’s list price of {listed_on.day} {listed_on:%B %Y}"


def model_names(workspace: Workspace, keys: Collection[ModelKey]) -> dict[ModelKey, str]:
    """Return the workspace's names of these models, in one query. Models that were deleted have their id."""
    names = {(code, model_id): model_id for code, model_id in keys}
    if not names:
        return names
    found = _names(workspace=workspace.pk, model_ids=sorted({model_id for _, model_id in names}))
    for code, model_id, name, decided in found:
        if (code, model_id) in names:
            names[code, model_id] = decided or name
    return names


def offered_models(membership: Membership, words: str) -> list[tuple[str, str]]:
    """Return the ids and names of models that a member may use and that have all words in one of the two.

    A star in the words stands for any characters, as in the pattern of a limit.
    """
    found = models_for(membership)
    for word in one_line(words.replace("*", " ")).split():
        found = found.filter(Q(model_id__icontains=word) | Q(name__icontains=word))
    # Several providers may offer a model.
    rows = found.order_by("model_id").values_list("model_id").annotate(name=Min("name"))
    return list(rows[:MOST_OFFERED])


def offered_providers(membership: Membership) -> list[tuple[str, str]]:
    """Return the codes and names of the providers whose models a member may use."""
    found = models_for(membership).order_by("provider__code")
    return list(found.values_list("provider__code", "provider__name").distinct())


@prepared(workspace=BigIntegerField(), model_ids=CharField())
def _names(workspace: Any, model_ids: Any) -> QuerySet[UpstreamModel, Any]:
    named = catalogue_of(workspace).filter(model_id__in=model_ids)
    return named.values_list("provider__code", "model_id", "name", f"{DECIDED}__name")


def provider_names(workspace: Workspace, codes: Collection[str]) -> dict[str, str]:
    """Return the names of these providers, in one query. Providers that were deleted have their code."""
    names = {code: code for code in codes}
    if names:
        found = Provider.objects.for_workspace(workspace).filter(code__in=names)
        names.update(found.values_list("code", "name"))
    return names
