"""The rows of a provider, brought in line with its list in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from accounts.names import one_line
from playground.catalogue import generic
from playground.catalogue.developers import developer_of
from playground.catalogue.import_openapi import name_of
from playground.catalogue.model_purpose import CHAT
from playground.catalogue.store_endpoints import LONGEST_SOURCE, Offered, store_endpoints
from playground.catalogue.sync_report import SyncReport
from playground.models import Endpoint, ModelSetting, Provider, RefusedParameter, UpstreamModel
from playground.parameters.schema.request_schema import digest_of
from playground.upstream.dialects import registry

if TYPE_CHECKING:
    from playground.catalogue.model_list import ListedModel
    from playground.catalogue.openapi_reader import DocumentedRequest

# The most keys in one statement, which databases limit.
_BATCH = 500
_CHANGES_IN_WORDS = {
    "model_id": "id",
    "aliases": "other names",
    "name": "name",
    "developer": "developer",
    "description": "description",
    "context_length": "context length",
    "output_max": "output maximum",
    "capabilities": "capabilities",
    "input_price": "price",
    "output_price": "price",
    "cache_read_price": "price",
    "cache_write_price": "price",
    "reasoning_price": "price",
    "has_listed_price": "price",
    "list_price_of": "price",
    "list_price_on": "price",
    "released_on": "release date",
    "docs_url": "link",
    "is_retired": "listed again",
}
PRICES = ("input_price", "output_price", "cache_read_price", "cache_write_price", "reasoning_price")
_COLUMNS = (*_CHANGES_IN_WORDS, "retired_because", "is_offered")


@dataclass(frozen=True, slots=True)
class DocumentedModel:
    """A listed model with the requests from its documents, and the reasons of refused documents."""

    listed: ListedModel
    requests: tuple[tuple[DocumentedRequest, str], ...] = ()
    refused: tuple[str, ...] = ()


class SyncedRows:
    """The rows of a provider during a sync.

    With ``dry_run`` it reports changes and writes nothing.
    """

    def __init__(self, provider: Provider, listed: Sequence[ListedModel], *, dry_run: bool = False) -> None:
        self.report = SyncReport()
        self._provider = provider
        self._dry_run = dry_run
        self._is_shared = provider.workspace_id is None
        rows = list(UpstreamModel.objects.filter(provider_id=provider.pk))
        self._rows = {row.pk: row for row in rows}
        self._by_id = {row.model_id: row for row in rows}
        ids = {each.model_id for each in listed}
        self._names = {name for each in listed for name in each.ids}
        # A row whose own id is in the list stands for that entry alone.
        unlisted = [row for row in rows if row.model_id not in ids]
        self._by_alias = {alias: row for row in reversed(unlisted) for alias in row.aliases}
        self._seen: set[int] = set()
        endpoints = Endpoint.objects.filter(model__provider_id=provider.pk)
        self._endpoints = {
            (model, kind): (digest, source)
            for model, kind, digest, source in endpoints.values_list(
                "model_id", "kind", "schema_digest", "source"
            )
        }

    def take(self, batch: Iterable[DocumentedModel]) -> None:
        """Add, change and restore the models of these entries, with their endpoints."""
        fresh: list[UpstreamModel] = []
        stale: list[UpstreamModel] = []
        pairs: list[tuple[UpstreamModel, DocumentedModel]] = []
        for read in batch:
            row = self._row_of(read.listed)
            if row is None:
                row = self._new(read.listed)
                fresh.append(row)
            else:
                # A row belongs to one entry, even if it has names of two.
                self._seen.add(row.pk)
                if self._update(row, read.listed):
                    stale.append(row)
            pairs.append((row, read))
            self.report.refused += [(row.model_id, reason) for reason in read.refused]
        with transaction.atomic():
            if not self._dry_run:
                if fresh:
                    UpstreamModel.objects.bulk_create(fresh, batch_size=_BATCH)
                if stale:
                    UpstreamModel.objects.bulk_update(stale, _COLUMNS, batch_size=50)
                self._switch_off(fresh)
            self._store([offer for row, read in pairs for offer in self._offers(row, read)], fresh)

    def retire_missing(self) -> None:
        """Retire models that the list lacks, and forget parameters that the provider refused before."""
        gone = [
            row
            for row in self._rows.values()
            if row.pk not in self._seen and not row.is_retired and (self._is_shared or row.is_offered)
        ]
        self.report.retired = sorted(row.model_id for row in gone)
        if self._dry_run:
            return
        today = now()
        reason = f"The provider no longer lists it ({today.day} {today:%B %Y})."
        keys = [row.pk for row in gone]
        for start in range(0, len(keys), _BATCH):
            UpstreamModel.objects.filter(pk__in=keys[start : start + _BATCH]).update(
                is_retired=True, retired_because=reason
            )
        forget_refused(self._provider)

    def _row_of(self, listed: ListedModel) -> UpstreamModel | None:
        """Return the row with the listed id, else a row with another of the entry's names."""
        found = [self._by_id.get(listed.model_id)]
        found += [self._by_id.get(alias) for alias in listed.aliases]
        found.append(self._by_alias.get(listed.model_id))
        return next((row for row in found if row is not None and row.pk not in self._seen), None)

    def _new(self, listed: ListedModel) -> UpstreamModel:
        self.report.added.append(listed.model_id)
        if listed.purpose != CHAT:
            self.report.unsuited.append((listed.model_id, listed.purpose))
        defaults = {
            "name": name_of(listed.model_id) if self._is_shared else one_line(listed.model_id)[:120],
            "developer": developer_of(listed.model_id) if self._is_shared else self._provider.name,
        }
        return UpstreamModel(
            provider=self._provider,
            model_id=listed.model_id,
            aliases=list(listed.aliases),
            is_offered=True,
            has_listed_price=not self._is_shared and listed.facts.get("input_price") is not None,
            **{**defaults, **listed.facts},
        )

    def _switch_off(self, fresh: list[UpstreamModel]) -> None:
        """Switch new models off that do not chat. An admin can switch them on, and no list undoes that."""
        workspace_id = self._provider.workspace_id
        if workspace_id is None:
            # Every workspace decides for itself about the models of a shared provider.
            return
        unsuited = {model_id for model_id, _ in self.report.unsuited}
        ModelSetting.objects.bulk_create(
            (
                ModelSetting(workspace_id=workspace_id, model=row, is_enabled=False)
                for row in fresh
                if row.model_id in unsuited
            ),
            batch_size=_BATCH,
        )

    def _update(self, row: UpstreamModel, listed: ListedModel) -> bool:
        """Update the row from its entry; return True if that changes it.

        The row keeps its model id as long as the entry still lists that id: other data may refer to it.
        """
        wanted = dict(listed.facts)
        if row.model_id not in listed.ids:
            wanted["model_id"] = listed.model_id
        if not self._is_shared and row.input_price is not None and not row.has_listed_price:
            # A workspace sets the prices of its own models.
            for name in PRICES:
                wanted.pop(name, None)
        elif not self._is_shared and wanted.get("input_price") is not None:
            wanted["has_listed_price"] = True
        if wanted.get("input_price") is not None and row.list_price_on is not None:
            wanted |= {"list_price_of": "", "list_price_on": None}
        # Other known names stay, unless the list gives them to another model.
        known = [name for name in row.aliases if name in listed.ids or name not in self._names]
        model_id = wanted.get("model_id", row.model_id)
        names = dict.fromkeys((*known, row.model_id, *listed.ids))
        wanted["aliases"] = [name for name in names if name != model_id]
        wanted["is_retired"] = False
        changed = [name for name, value in wanted.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, wanted[name])
        if "is_retired" in changed:
            row.retired_because = ""
        if changed:
            changes = dict.fromkeys(_CHANGES_IN_WORDS[name] for name in changed)
            self.report.changed[row.model_id] = list(changes)
        is_first = not row.is_offered
        row.is_offered = True
        return bool(changed) or is_first

    def _offers(self, row: UpstreamModel, read: DocumentedModel) -> list[Offered]:
        offers = [Offered(row, request.kind, request.schema, source) for request, source in read.requests]
        usual = (
            () if offers or registry.DEFAULT.kind not in read.listed.documents else (registry.DEFAULT.kind,)
        )
        for kind in (*usual, *self._provider.more_kinds):
            known = self._endpoints.get((row.pk, kind))
            if known is None or known[1] == generic.SOURCE:
                offers.append(Offered(row, kind, generic.generic_schema(kind), generic.SOURCE))
        return [offer for offer in offers if self._is_new(offer)]

    def _is_new(self, offer: Offered) -> bool:
        digest = generic.digest(offer.kind) if offer.source == generic.SOURCE else digest_of(offer.schema)
        known = self._endpoints.get(offer.place)
        return known != (digest, offer.source[:LONGEST_SOURCE])

    def _store(self, offers: list[Offered], fresh: list[UpstreamModel]) -> None:
        if self._dry_run:
            known = {place: digest for place, (digest, _) in self._endpoints.items()}
            changed = {offer.place for offer in offers if known.get(offer.place) != digest_of(offer.schema)}
        else:
            changed = store_endpoints(offers) if offers else set()
        added = {row.model_id for row in fresh}
        for offer in offers:
            if offer.place in changed and offer.model.model_id not in added:
                self.report.changed.setdefault(offer.model.model_id, []).append(f"parameters of {offer.kind}")


def forget_refused(provider: Provider) -> None:
    """Forget the parameters that the provider refused, since it may accept them after a sync."""
    refused = RefusedParameter.objects.filter(endpoint__model__provider=provider)
    if refused.exists():
        refused.delete()
