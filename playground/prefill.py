"""Whether the model of an endpoint can continue an answer that a person has started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.parameters.schema.request_schema import request_schema_of
from playground.upstream import dialects

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from playground.models import Endpoint


def why_no_prefill(endpoint: Endpoint, parameters: Mapping[str, Any] | None = None) -> str:
    """Return why no answer can be started at ``endpoint``, in words for the user; empty if one can."""
    schema = request_schema_of(endpoint)
    accepts = dialects.accepts(schema.digest, schema.translated)
    return dialects.why_no_prefill(endpoint.kind, accepts, endpoint.model.model_id, parameters)
