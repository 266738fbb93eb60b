"""Give a model of one's own another request schema. What it had stays where the new one is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from playground.catalogue import own
from playground.catalogue.documents import DocumentRefused
from playground.catalogue.openapi import read_for_model
from playground.catalogue.replacing import WRITTEN, FormSummary, inspect, read_written
from playground.catalogue.store import Offered, store_endpoint, store_endpoints
from playground.models import Endpoint

if TYPE_CHECKING:
    from playground.models import UpstreamModel


def import_schema(model: UpstreamModel, content: bytes, *, source: str) -> dict[str, FormSummary]:
    """Take all that an OpenAPI document has for the model; says per kind of endpoint what came of it.

    :raises DocumentRefused: with the reason as a sentence.
    """
    try:
        requests = read_for_model(content, [model.model_id, *model.aliases])
    except DocumentRefused as refusal:
        raise DocumentRefused(f"The document cannot be used: {refusal}.") from refusal
    forms = {request.kind: inspect(request.schema, model.model_id) for request in requests}
    store_endpoints(Offered(model, request.kind, request.schema, source) for request in requests)
    return forms


def write_schema(endpoint: Endpoint, text: str) -> FormSummary:
    """
    :raises DocumentRefused: with the reason as a sentence.
    """
    schema = read_written(text, endpoint.model.model_id)
    form = inspect(schema, endpoint.model.model_id)
    store_endpoint(endpoint.model, endpoint.kind, schema, source=WRITTEN)
    return form


@transaction.atomic
def restore_schema(model: UpstreamModel) -> None:
    """Back to the one schema that all models of own providers begin with."""
    model.endpoints.exclude(kind=Endpoint.Kind.CHAT_COMPLETIONS).delete()
    store_endpoint(model, Endpoint.Kind.CHAT_COMPLETIONS, own.generic_schema(), source=own.SOURCE)
