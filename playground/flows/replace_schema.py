"""Another request schema for a model that the workspace added. A refused one changes nothing.

A document may take many seconds to read. It is read outside of a transaction, because SQLite has a
single writer, which checkpoints and leases would wait for. Storing is one transaction of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from playground.catalogue import generic
from playground.catalogue.custom_schema import WRITTEN, FormSummary, inspect, read_written
from playground.catalogue.documents import DocumentRefused
from playground.catalogue.openapi_reader import read_for_model
from playground.catalogue.store_endpoints import Offered, store_endpoint, store_endpoints
from playground.upstream.dialects import registry

if TYPE_CHECKING:
    from accounts.models import User
    from playground.models import Endpoint, UpstreamModel


def import_schema(
    model: UpstreamModel, content: bytes, *, source: str, actor: User
) -> dict[str, FormSummary]:
    """Store every request schema that an OpenAPI document has for the model.

    :returns: the form that each schema makes, by kind of endpoint.
    :raises DocumentRefused: with the reason as a sentence.
    """
    try:
        requests = read_for_model(content, [model.model_id, *model.aliases])
    except DocumentRefused as refusal:
        raise DocumentRefused(f"The document cannot be used: {refusal}.") from refusal
    forms = {request.kind: inspect(request.schema, model.model_id) for request in requests}
    store_endpoints(Offered(model, request.kind, request.schema, source) for request in requests)
    return forms


def write_schema(endpoint: Endpoint, text: str, *, actor: User) -> FormSummary:
    """Store a request schema that was written by hand; return the form that it makes.

    :raises DocumentRefused: with the reason as a sentence.
    """
    schema = read_written(text, endpoint.model.model_id)
    form = inspect(schema, endpoint.model.model_id)
    store_endpoint(endpoint.model, endpoint.kind, schema, source=WRITTEN)
    return form


@transaction.atomic
def restore_schema(model: UpstreamModel, *, actor: User) -> None:
    """Give the model back the one schema that all models of own providers begin with."""
    model.endpoints.exclude(kind=registry.DEFAULT.kind).delete()
    store_endpoint(model, registry.DEFAULT.kind, generic.generic_schema(), source=generic.SOURCE)
