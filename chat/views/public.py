"""The pages behind public links. They use no session, and look the same to everybody."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from allauth.core.internal import ratelimit
from csp.constants import NONE
from csp.decorators import csp_replace
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chat.pages.snapshot import columns_of
from chat.snapshots import file_behind, snapshot_behind
from chat.views.files import send_file

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

# No script runs here, and nothing is sent from here: a snapshot shows what people and models wrote.
_POLICY: Any = {"script-src": [NONE], "connect-src": [NONE], "form-action": [NONE]}


@csp_replace(_POLICY)  # type: ignore[arg-type]  # its types know no arguments of an address
@require_safe
def snapshot(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the snapshot behind a link, or the same page for every link that does not work."""
    if not _may_ask(request):
        return _private(_too_many(request))
    found = snapshot_behind(token)
    if found is None:
        return _private(_gone(request))
    columns = columns_of(
        found.content,
        list(found.files.all()) if "files" in found.parts else [],
        lambda code: reverse("chat:public_file", args=[token, code]),
    )
    return _private(render(request, "chat/public/snapshot.html", {"snapshot": found, "columns": columns}))


@require_safe
def file(request: HttpRequest, token: str, code: UUID) -> HttpResponseBase:
    """Send the bytes of a file that a snapshot shows."""
    if not _may_ask(request):
        return _private(_too_many(request))
    found = file_behind(token, code)
    if found is None or found.address:
        return _private(_gone(request))
    return _private(send_file(request, found))


def _may_ask(request: HttpRequest) -> bool:
    # The public function of the package counts no GET requests.
    usage = ratelimit.consume(request, app="allauth.account", action="public", limit_get=True)
    return usage is not None


def _too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "chat/public/too_many.html", status=HTTPStatus.TOO_MANY_REQUESTS)


def _gone(request: HttpRequest) -> HttpResponse:
    """Answer alike whether a link never was, is revoked, has expired or is not allowed any more."""
    return render(request, "chat/public/gone.html", status=HTTPStatus.NOT_FOUND)


def _private(response: HttpResponseBase) -> HttpResponseBase:
    """Keep an answer out of search engines, caches and the addresses that other sites learn of."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive, nosnippet"
    response["Cache-Control"] = "no-store, private"
    response["Referrer-Policy"] = "no-referrer"
    return response
