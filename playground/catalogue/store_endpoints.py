"""The only writer of endpoints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from playground.catalogue.changes import difference
from playground.models import Endpoint, RefusedParameter, SchemaChange, UpstreamModel
from playground.parameters.schema.request_schema import digest_of

# Each row holds a whole schema. More rows would make a statement of megabytes.
_BATCH = 20
LONGEST_SOURCE = 200


@dataclass(frozen=True, slots=True)
class Offered:
    """A request schema for one endpoint of a model, and the source that it came from."""

    model: UpstreamModel
    kind: str
    schema: dict[str, Any]
    source: str

    @property
    def place(self) -> tuple[int, str]:
        return self.model.pk, self.kind


def store_endpoint(model: UpstreamModel, kind: str, schema: dict[str, Any], *, source: str) -> bool:
    """Create the endpoint or replace its schema; return False, without a write, if nothing changes."""
    return bool(store_endpoints([Offered(model, kind, schema, source)]))


@transaction.atomic
def store_endpoints(offered: Iterable[Offered]) -> set[tuple[int, str]]:
    """Store many schemas; return (model's key, kind) of the endpoints whose schema changed.

    Each change is recorded for users who chose parameters under the earlier schema. Parameters that the
    provider refused under that one are forgotten.
    """
    wanted = {each.place: each for each in offered}
    rows = Endpoint.objects.filter(model__in={model for model, _ in wanted}).defer("request_schema")
    known = {(row.model_id, row.kind): row for row in rows}
    digests = {place: digest_of(each.schema) for place, each in wanted.items()}
    new = [each for place, each in wanted.items() if place not in known]
    stale = [
        (known[place], each)
        for place, each in wanted.items()
        if place in known and known[place].schema_digest != digests[place]
    ]
    moved = [
        (known[place], each)
        for place, each in wanted.items()
        if place in known
        and known[place].schema_digest == digests[place]
        and known[place].source != each.source[:LONGEST_SOURCE]
    ]
    if new:
        Endpoint.objects.bulk_create((_row(each, digests[each.place]) for each in new), batch_size=_BATCH)
    switched_off = [
        row.pk for row in known.values() if not row.is_enabled and (row.model_id, row.kind) in wanted
    ]
    if switched_off:
        # A new schema for an endpoint that was switched off means that it is in use again.
        Endpoint.objects.filter(pk__in=switched_off).update(is_enabled=True)
    for row, each in moved:
        Endpoint.objects.filter(pk=row.pk).update(source=each.source[:LONGEST_SOURCE])
    _replace(stale, digests)
    return {each.place for each in new} | {each.place for _, each in stale}


def _replace(stale: list[tuple[Endpoint, Offered]], digests: dict[tuple[int, str], str]) -> None:
    for start in range(0, len(stale), _BATCH):
        batch = stale[start : start + _BATCH]
        before = dict(
            Endpoint.objects.filter(pk__in=[row.pk for row, _ in batch]).values_list("pk", "request_schema")
        )
        steps = []
        for row, each in batch:
            change = difference(before[row.pk], each.schema)
            steps.append(
                SchemaChange(
                    endpoint=row,
                    before=row.schema_digest,
                    after=digests[each.place],
                    added=list(change.added),
                    removed=list(change.removed),
                    altered=list(change.altered),
                )
            )
            row.request_schema, row.schema_digest = each.schema, digests[each.place]
            row.source, row.imported_at = each.source[:LONGEST_SOURCE], now()
        # A change without other parameters is recorded too, since the next one starts at its digest.
        SchemaChange.objects.bulk_create(steps)
        rows = [row for row, _ in batch]
        Endpoint.objects.bulk_update(rows, ["request_schema", "schema_digest", "source", "imported_at"])
        RefusedParameter.objects.filter(endpoint__in=rows).delete()


def _row(offered: Offered, digest: str) -> Endpoint:
    return Endpoint(
        model=offered.model,
        kind=offered.kind,
        request_schema=offered.schema,
        schema_digest=digest,
        source=offered.source[:LONGEST_SOURCE],
    )
