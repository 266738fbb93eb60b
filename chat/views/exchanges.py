from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from chat.columns import get_named_run_for
from chat.models import Exchange
from chat.pages.exchanges import in_words
from chat.pages.inspector.events import event_lines
from chat.pages.inspector.tabs import inspector_context
from chat.pages.results import place_of

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest

Response = TypeVar("Response", bound=HttpResponseBase)


@require_GET
@login_required
def exchanges(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show the inspector of a run as a page of its own, or as a fragment beside the answer."""
    run = get_named_run_for(request.user, code)
    context = inspector_context(run, request.GET.dict())
    if request.htmx:
        return render(request, "chat/_inspector.html", context)
    return render(request, "chat/exchanges.html", {**context, "place": place_of(run)})


@require_GET
@login_required
def body(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Send the body of a run's request, with names in the place of its files."""
    run = get_named_run_for(request.user, code)
    response = JsonResponse(run.body, json_dumps_params={"ensure_ascii": False, "indent": 1})
    return _as_file(response, f"run-{str(code)[:8]}-request.json")


@require_GET
@login_required
def events(request: AuthenticatedHttpRequest, code: UUID, number: int) -> StreamingHttpResponse:
    """Send the events that were read from a raw answer, one line of JSON each."""
    exchange = _exchange(request, code, number)
    # The answer is replayed while the file is sent, so that no file is in the memory as a whole.
    response = StreamingHttpResponse(event_lines(exchange), content_type="application/jsonl")
    return _as_file(response, _name_of(exchange, "jsonl", "-events"))


@require_GET
@login_required
def raw(request: AuthenticatedHttpRequest, code: UUID, number: int) -> HttpResponse:
    """Send the bytes of a raw answer, for ``manage.py replay_stream`` or to keep."""
    exchange = _exchange(request, code, number)
    # The type the provider claimed is not used: its HTML must not run as ours.
    response = HttpResponse(exchange.stream.data, content_type="application/octet-stream")
    return _as_file(response, _name_of(exchange, "txt"))


@require_GET
@login_required
def file(request: AuthenticatedHttpRequest, code: UUID, number: int) -> HttpResponse:
    """Send the request, the headers and every piece of the answer with its time."""
    exchange = _exchange(request, code, number)
    response = JsonResponse(in_words(exchange), json_dumps_params={"ensure_ascii": False, "indent": 1})
    return _as_file(response, _name_of(exchange, "json"))


def _exchange(request: AuthenticatedHttpRequest, code: UUID, number: int) -> Exchange:
    run = get_named_run_for(request.user, code)
    exchange = Exchange.objects.select_related("run").filter(run=run, number=number).first()
    if exchange is None:
        raise Http404
    return exchange


def _name_of(exchange: Exchange, ending: str, what: str = "") -> str:
    return f"run-{str(exchange.run.code)[:8]}-try-{exchange.number}{what}.{ending}"


def _as_file(response: Response, name: str) -> Response:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
