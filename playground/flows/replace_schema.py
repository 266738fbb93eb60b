"""Another request schema for a model that the workspace added. A refused one changes nothing.

A document may take many seconds to read. It is read outside of a transaction, because SQLite has a
single writer, which checkpoints and leases would wait for. Storing is one transaction of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction
from playground.catalogue import generic
from playground.catalogue.custom_schema import WRITTEN, FormSummary, inspect, read_written
from playground.catalogue.documents import DocumentRefused
from playground.catalogue.openapi_reader import read_for_model
from playground.catalogue.store_endpoints import Offered, store_endpoint, store_endpoints

if TYPE_CHECKING:
    from accounts.models import User
    from playground.models import Endpoint, UpstreamModel


@dataclass(slots=True)
class ImportedSchemas:
    """The result of an import for one model, by kind of endpoint.

    ``undescribed`` has the endpoints that the document lists without their parameters, ``left_out`` a
    sentence for each endpoint that cannot be used.
    """

    undescribed: tuple[str, ...] = ()
    forms: dict[str, FormSummary] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def import_schema(model: UpstreamModel, content: bytes, *, source: str, actor: User) -> ImportedSchemas:
    """Store every request schema that an OpenAPI document has for the model.

    An endpoint that the document does not describe keeps its schema, or begins with the common one.

    :raises DocumentRefused: with the reason as a sentence.
    """
    ids = [model.model_id, *model.aliases]
    try:
        found = read_for_model(content, ids, model.provider.base_url)
    except DocumentRefused as refusal:
        raise DocumentRefused(f"The document cannot be used: {refusal}.") from refusal
    imported = ImportedSchemas(found.undescribed)
    imported.left_out = [(each.kind, f"{each.path}: {each.reason}.") for each in found.left_out]
    offered = []
    for request in found.requests:
        try:
            imported.forms[request.kind] = inspect(request.schema, model.model_id)
        except DocumentRefused as refusal:
            imported.left_out.append((request.kind, str(refusal)))
        else:
            offered.append(Offered(model, request.kind, request.schema, source))
    if not offered and not imported.undescribed:
        raise DocumentRefused(imported.left_out[-1][1])
    known = set(model.endpoints.filter(is_enabled=True).values_list("kind", flat=True))
    offered += (
        Offered(model, kind, generic.generic_schema(kind), generic.SOURCE)
        for kind in imported.undescribed
        if kind not in known and kind in generic.kinds()
    )
    with transaction.atomic():
        store_endpoints(offered)
        _record(model, source, actor)
    return imported


def write_schema(endpoint: Endpoint, text: str, *, actor: User) -> FormSummary:
    """Store a request schema that was written by hand; return the form that it makes.

    :raises DocumentRefused: with the reason as a sentence.
    """
    schema = read_written(text, endpoint.model.model_id)
    form = inspect(schema, endpoint.model.model_id)
    with transaction.atomic():
        store_endpoint(endpoint.model, endpoint.kind, schema, source=WRITTEN)
        _record(endpoint.model, "written by hand", actor)
    return form


@transaction.atomic
def restore_schema(model: UpstreamModel, *, actor: User) -> None:
    """Give the model back the schemas that all models of its provider begin with."""
    kinds = generic.kinds_of(model.provider)
    model.endpoints.exclude(kind__in=kinds).delete()
    store_endpoints(Offered(model, kind, generic.generic_schema(kind), generic.SOURCE) for kind in kinds)
    _record(model, "the common ones", actor)


def _record(model: UpstreamModel, source: str, actor: User) -> None:
    if model.provider.workspace_id is not None:
        audit.record(
            model.provider.workspace_id,
            AuditAction.REPLACE_SCHEMA,
            actor=actor,
            subject=model.model_id,
            code=f"model {model.pk}",
            after={"source": source},
        )
