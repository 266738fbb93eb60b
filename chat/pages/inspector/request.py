"""The tab with the request of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accounts.models import ApiKey
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
        "set_by_limit": run.set_by_limit or {},
        "url": exchange.url if exchange else _url(run),
        "request_headers": exchange.request_headers if exchange else [],
        "used_key": _key(run),
    }


def _key(run: Run) -> str:
    """Name the key of the run; empty if it had none, or if the key was deleted."""
    keys = ApiKey.objects.select_related("member")
    key = keys.filter(code=run.key_code).first() if run.key_code else None
    if key is None:
        return ""
    provider = run.endpoint.model.provider.name if run.endpoint else run.provider_code
    return key.name_at(provider)


def _url(run: Run) -> str:
    """Return the address of a request whose record is not stored; empty if its model is gone."""
    if run.endpoint is None:
        return ""
    return clients.stream_request(run.endpoint.model.provider, run.endpoint_kind, {}, None, "").url
