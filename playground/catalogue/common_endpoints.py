"""The endpoints that all models of a workspace's provider have, described by a document or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.catalogue import generic
from playground.catalogue.store_endpoints import Offered, store_endpoints
from playground.models import Endpoint
from playground.upstream.dialects import registry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.models import Provider, UpstreamModel


def add_common_endpoints(provider: Provider, models: Iterable[UpstreamModel]) -> None:
    """Give each model the endpoints of its provider that it lacks.

    A model has the usual endpoint unless a document described others.
    """
    rows = list(models)
    known: dict[int, set[str]] = {model.pk: set() for model in rows}
    endpoints = Endpoint.objects.filter(model__in=rows, is_enabled=True)
    for pk, kind in endpoints.values_list("model_id", "kind"):
        known[pk].add(kind)
    store_endpoints(
        Offered(model, kind, generic.generic_schema(kind), generic.SOURCE)
        for model in rows
        for kind in generic.kinds_of(provider)
        if kind not in known[model.pk] and (kind != registry.DEFAULT.kind or not known[model.pk])
    )
