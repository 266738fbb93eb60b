"""Retries of an answer that failed or was cut: one click sends the same prompt with changed parameters."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from accounts.permissions import Action
from chat.access import get_message_for
from chat.flows.continue_answer import continue_answer
from chat.flows.retry_with_changes import retry_elsewhere, retry_longer, retry_shorter, retry_without
from chat.forms.prompts import PAGE_TOO_OLD, ClickForm
from chat.models import Run
from chat.pages.composer import Refusal, composer_for, missing_key
from chat.pages.continuing import is_cut
from chat.pages.endings import longer_for
from chat.pages.too_long import context_of, shorter_limit
from chat.relays import background
from chat.views.refusing import Refused, refusals, show_refusal
from chat.views.sending import show_sent_differently
from playground.access import endpoint_of, get_endpoint_for, get_model_for, why_unavailable
from playground.labels import model_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.access import Grant
    from playground.models import Endpoint

    # The flow lacks only the endpoint and the key of the click.
    Act = Callable[[Endpoint, UUID], Run]


@require_POST
@login_required
def without(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Retry without those of the posted parameters that the provider refused."""
    run, grant = _run_of(request, code)
    refused = {found["name"] for found in (run.error or {}).get("refused", ())}
    names = refused.intersection(request.POST.get("without", "").split())
    act = partial(retry_without, run, request.user, names) if names else None
    return _retry(request, grant, run, act)


@require_POST
@login_required
def longer(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Retry with a higher token limit."""
    run, grant = _run_of(request, code)
    change = longer_for([(run, run.message)]).get(run.pk)
    act = partial(retry_longer, run, request.user, change) if change else None
    return _retry(request, grant, run, act)


@require_POST
@login_required
def continue_(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Let a cut answer go on where it stopped."""
    run, grant = _run_of(request, code)
    act = partial(continue_answer, run, request.user) if is_cut(run, run.message) else None
    return _retry(request, grant, run, act)


@require_POST
@login_required
def shorter(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Retry with a lower token limit, which leaves the prompt its room in the context."""
    run, grant = _run_of(request, code)
    found = context_of(run)
    change = shorter_limit(run, found) if found else None
    act = partial(retry_shorter, run, request.user, change.name, change.value) if change else None
    return _retry(request, grant, run, act)


@require_POST
@login_required
def elsewhere(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Retry with another model."""
    run, grant = _run_of(request, code)
    posted = request.POST.get("model", "")
    endpoint = endpoint_of(get_model_for(grant.membership, posted), run.endpoint_kind) if posted else None
    act = partial(retry_elsewhere, run, request.user) if endpoint else None
    return _retry(request, grant, run, act, endpoint)


def _run_of(request: AuthenticatedHttpRequest, code: UUID) -> tuple[Run, Grant]:
    message, grant = get_message_for(request.user, code, Action.SEND)
    run = Run.objects.select_related("endpoint", "answer__parent").filter(answer=message).first()
    if run is None or run.is_live or message.parent_id is None:
        raise Http404
    run.conversation = run.message.conversation = grant.conversation
    return run, grant


def _retry(
    request: AuthenticatedHttpRequest, grant: Grant, run: Run, act: Act | None, other: Endpoint | None = None
) -> HttpResponse:
    click = ClickForm(request.POST)
    try:
        endpoint = other or _usable_endpoint(run, grant.membership)
        if missing_key(grant.membership, endpoint.model):
            raise Refused(Refusal(keyless=endpoint.model))
        if act is None or not click.is_valid():
            raise Refused(Refusal((PAGE_TOO_OLD,)))
        with refusals():
            retry = act(endpoint, click.cleaned_data["idempotency_key"])
    except Refused as refused:
        composer = composer_for(grant.conversation, grant.membership)
        return show_refusal(request, grant, composer, refused)
    background.start(retry)
    return show_sent_differently(request, grant)


def _usable_endpoint(run: Run, membership: Membership) -> Endpoint:
    """Return the endpoint of the run.

    :raises Refused: the member cannot use it any more.
    """
    try:
        endpoint = get_endpoint_for(membership, run.endpoint_id or 0)
    except Http404:
        why = why_unavailable(membership, run.endpoint.model) if run.endpoint else ""
        key = (run.provider_code, run.model_id)
        name = model_names(membership.workspace, [key])[key]
        gone = why or f"{name} can no longer be used here. Choose another model."
        raise Refused(Refusal((gone,))) from None
    return endpoint
