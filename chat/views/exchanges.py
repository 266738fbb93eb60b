from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from chat.access import get_run_for
from chat.models import Exchange
from chat.pages.exchanges import exchange_context, in_words

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest


@require_GET
@login_required
def exchanges(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show the request of a run and the raw answer, try by try."""
    run = get_run_for(request.user, code)
    return render(request, "chat/exchanges.html", exchange_context(run))


@require_GET
@login_required
def raw(request: AuthenticatedHttpRequest, code: UUID, number: int) -> HttpResponse:
    """Send the bytes of a raw answer, for ``manage.py replay_stream`` or to keep."""
    exchange = _exchange(request, code, number)
    # The type the provider claimed is not used: its HTML must not run as ours.
    response = HttpResponse(exchange.stream.data, content_type="application/octet-stream")
    return _as_file(response, exchange, "txt")


@require_GET
@login_required
def file(request: AuthenticatedHttpRequest, code: UUID, number: int) -> HttpResponse:
    """Send the request, the headers and every piece of the answer with its time."""
    exchange = _exchange(request, code, number)
    return _as_file(
        JsonResponse(in_words(exchange), json_dumps_params={"ensure_ascii": False, "indent": 1}),
        exchange,
        "json",
    )


def _exchange(request: AuthenticatedHttpRequest, code: UUID, number: int) -> Exchange:
    run = get_run_for(request.user, code)
    exchange = Exchange.objects.select_related("run").filter(run=run, number=number).first()
    if exchange is None:
        raise Http404
    return exchange


def _as_file(response: HttpResponse, exchange: Exchange, ending: str) -> HttpResponse:
    name = f"run-{str(exchange.run.code)[:8]}-try-{exchange.number}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
