"""Syncs of providers: the last one with each, and its findings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Q
from django.utils.timezone import now

from accounts.folding import fold
from accounts.models import Membership
from playground.flows.sync_catalogue import QUIET
from playground.models import CatalogueSync, Provider, UpstreamModel

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import Workspace

# Models shown per list; of the rest only the number is shown.
SHOWN = 100
_STATE = CatalogueSync.State


@dataclass(frozen=True, slots=True)
class Few:
    """The first items of a list, and the length of the whole list."""

    items: list[Any]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.items)


@dataclass(frozen=True, slots=True)
class Found:
    """The report of a finished sync."""

    at: datetime
    by: str
    models: int
    added: Few
    changed: Few
    retired: Few
    refused: Few
    unsuited: Few

    @property
    def is_quiet(self) -> bool:
        return not (self.added.count or self.changed.count or self.retired.count)


@dataclass(frozen=True, slots=True)
class Card:
    """A provider's state. ``last`` is its last sync; ``found`` reports the last one that read its list."""

    provider: Provider
    models: int
    retired: int
    last: CatalogueSync | None = None
    found: Found | None = None
    started_by: str = ""
    # Another provider has the same name, so the address tells them apart.
    has_namesake: bool = False

    @property
    def is_running(self) -> bool:
        return self.last is not None and self.last.state == _STATE.RUNNING and not self.is_dead

    @property
    def is_dead(self) -> bool:
        """True if the sync's process ended before it recorded its end."""
        last = self.last
        return last is not None and last.state == _STATE.RUNNING and last.beat_at < now() - QUIET

    @property
    def has_failed(self) -> bool:
        return self.last is not None and (self.last.state == _STATE.FAILED or self.is_dead)

    @property
    def is_unchanged(self) -> bool:
        """True if the last sync found the list unchanged."""
        return self.last is not None and bool(self.last.report.get("unchanged"))


def catalogue_cards(workspace: Workspace, code: str | None = None) -> list[Card]:
    """Make cards of all providers with a list of models, or of one, in a fixed number of queries."""
    providers = Provider.objects.for_workspace(workspace).exclude(kind=Provider.Type.DEMO)
    if code is not None:
        providers = providers.filter(code=code)
    rows = list(providers.order_by("name", "pk"))
    counts = _model_counts(rows)
    names = Counter(_folded_names(workspace))
    last, found = _syncs(rows)
    people = _people(workspace, {sync.started_by_id for sync in (*last.values(), *found.values())})

    def name(sync: CatalogueSync) -> str:
        # A provider that comes with the product serves other workspaces too; their users stay anonymous.
        return people.get(sync.started_by_id, "another workspace") if sync.started_by_id else "a command"

    return [
        Card(
            row,
            *counts.get(row.pk, (0, 0)),
            last=last.get(row.pk),
            found=_found(found[row.pk], name(found[row.pk])) if row.pk in found else None,
            started_by=name(last[row.pk]) if row.pk in last else "",
            has_namesake=names[fold(row.name)] > 1,
        )
        for row in rows
    ]


def _folded_names(workspace: Workspace) -> list[str]:
    """Return the names of all providers with a card, also where only one card is asked for."""
    providers = Provider.objects.for_workspace(workspace).exclude(kind=Provider.Type.DEMO)
    return [fold(name) for name in providers.values_list("name", flat=True)]


def _people(workspace: Workspace, users: set[int | None]) -> dict[int | None, str]:
    members = Membership.objects.filter(workspace=workspace, user__in=users - {None}).select_related("user")
    return {membership.user_id: membership.user.display_name for membership in members}


def _model_counts(providers: list[Provider]) -> dict[int, tuple[int, int]]:
    counted = (
        UpstreamModel.objects.filter(provider__in=providers)
        .order_by()
        .values("provider")
        .annotate(
            current=Count("pk", filter=Q(is_enabled=True, is_retired=False)),
            retired=Count("pk", filter=Q(is_retired=True)),
        )
    )
    return {row["provider"]: (row["current"], row["retired"]) for row in counted}


def _syncs(providers: list[Provider]) -> tuple[dict[int, CatalogueSync], dict[int, CatalogueSync]]:
    """Return each provider's last sync, and its last one that read the list."""
    newest = (
        CatalogueSync.objects.filter(provider__in=providers)
        .order_by()
        .values("provider")
        .annotate(last=Max("pk"), found=Max("pk", filter=Q(report__has_key="models")))
    )
    keys = {row["provider"]: (row["last"], row["found"]) for row in newest}
    syncs = CatalogueSync.objects.in_bulk({pk for pair in keys.values() for pk in pair if pk})
    last = {provider: syncs[pair[0]] for provider, pair in keys.items()}
    return last, {provider: syncs[pair[1]] for provider, pair in keys.items() if pair[1]}


def _found(sync: CatalogueSync, by: str) -> Found:
    report = sync.report
    return Found(
        at=sync.finished_at or sync.beat_at,
        by=by,
        models=report["models"],
        added=_few(report["added"]),
        changed=_few(report["changed"]),
        retired=_few(report["retired"]),
        refused=_few(report["refused"]),
        unsuited=_few(report.get("unsuited", [])),
    )


def _few(items: list[Any]) -> Few:
    return Few(items[:SHOWN], len(items))
