"""The endpoints of a model, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.db.models import Prefetch

from playground.models import Endpoint, RefusedParameter
from playground.parameters.schema.request_schema import cached_request_schema
from playground.parameters.schema.spec import Kind
from playground.upstream.dialects.registry import endpoint_kinds

if TYPE_CHECKING:
    from accounts.models import Workspace
    from playground.models import UpstreamModel


@dataclass(frozen=True, slots=True)
class EndpointRow:
    endpoint: Endpoint
    is_readable: bool
    # The number of controls in the form, and of JSON editors among them.
    controls: int
    editors: int
    # Parameters that the schema lists and the upstream refused to the workspace.
    refused: list[str]


def endpoint_rows(workspace: Workspace, model: UpstreamModel) -> list[EndpointRow]:
    readable = endpoint_kinds()
    refused = Prefetch("refused_parameters", RefusedParameter.objects.filter(workspace=workspace))
    endpoints = Endpoint.objects.filter(model=model, is_enabled=True).prefetch_related(refused)
    found = []
    for endpoint in endpoints:
        schema = partial(getattr, endpoint, "request_schema")
        specs = cached_request_schema(endpoint.schema_digest, schema, output_max=model.output_max).specs
        found.append(
            EndpointRow(
                endpoint=endpoint,
                is_readable=endpoint.kind in readable,
                controls=len(specs),
                editors=sum(spec.kind == Kind.JSON for spec in specs),
                refused=sorted(refused.name for refused in endpoint.refused_parameters.all()),
            )
        )
    return found
