"""The tab with the request of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.models import StoredFile
from chat.pages.inspector.body import body_context, byte_size_of
from playground import clients

if TYPE_CHECKING:
    from chat.models import Exchange, Run


def request_context(run: Run, exchange: Exchange | None) -> dict[str, Any]:
    """Return the request of a try, or what is known of it before the end or without a record."""
    codes = {reference["file"] for reference in run.references}
    files = {str(file.code): file for file in StoredFile.objects.filter(code__in=codes)} if codes else {}
    return {
        **body_context(run.body, run.references, files),
        "body_size": exchange.body_size if exchange else byte_size_of(run.body, run.references, files),
        "url": exchange.url if exchange else _url(run),
        "request_headers": exchange.request_headers if exchange else [],
    }


def _url(run: Run) -> str:
    """Return the address of a request whose record is not stored; empty if its model is gone."""
    if run.endpoint is None:
        return ""
    return clients.stream_request(run.endpoint.model.provider, run.endpoint_kind, {}, None, "").url
