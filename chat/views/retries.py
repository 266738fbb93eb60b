"""One click at an answer that failed or was cut: the same prompt again, with what was in the way changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.permissions import Action
from chat.access import get_message_for
from chat.flows.retry_with_changes import retry_longer, retry_without
from chat.forms.prompts import PromptForm
from chat.models import Run
from chat.pages.conversation import composer_context, composer_for, conversation_context, missing_key
from chat.pages.endings import longer_for
from chat.relays import background
from chat.views.composing import Refused, refusals
from chat.views.conversations import UNPROCESSABLE
from playground.access import get_endpoint_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.access import Grant
    from chat.pages.conversation import Composer
    from playground.models import Endpoint

    # What is left to say is the endpoint and the key of the click.
    Act = Callable[[Endpoint, UUID], Run]


@require_POST
@login_required
def without(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Without the posted parameters, as far as the provider refused them."""
    run, grant = _run_of(request, code)
    refused = {found["name"] for found in (run.error or {}).get("refused", ())}
    names = refused.intersection(request.POST.get("without", "").split())
    act = partial(retry_without, run, request.user, names) if names else None
    return _again(request, grant, run, act)


@require_POST
@login_required
def longer(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """With more room than the token limit left it."""
    run, grant = _run_of(request, code)
    change = longer_for([(run, run.answer)]).get(run.pk)
    act = partial(retry_longer, run, request.user, change) if change else None
    return _again(request, grant, run, act)


def _run_of(request: AuthenticatedHttpRequest, code: UUID) -> tuple[Run, Grant]:
    message, grant = get_message_for(request.user, code, Action.SEND)
    run = Run.objects.select_related("endpoint", "answer__parent").filter(answer=message).first()
    if run is None or run.is_live or message.parent_id is None:
        raise Http404
    run.conversation = run.answer.conversation = grant.conversation
    return run, grant


def _again(request: AuthenticatedHttpRequest, grant: Grant, run: Run, act: Act | None) -> HttpResponse:
    composer = composer_for(grant.conversation, grant.membership)
    click = PromptForm({**request.POST.dict(), "text": "again"})
    try:
        endpoint = _usable_endpoint(run, grant.membership, composer)
        if act is None or not click.is_valid():
            composer.prompt_errors = ("This page is too old for that. Reload it.",)
            raise Refused
        with refusals(composer):
            again = act(endpoint, click.cleaned_data["idempotency_key"])
    except Refused:
        composer.idempotency_key = uuid4()
        context = composer_context(grant, composer)
        return render(request, "chat/_composer_refused.html", context, status=UNPROCESSABLE)
    background.start(again)
    grant.conversation.refresh_from_db()
    composer = composer_for(grant.conversation, grant.membership)
    context = {**conversation_context(grant, composer), "is_whole": True}
    return render(request, "chat/_sent_differently.html", context)


def _usable_endpoint(run: Run, membership: Membership, composer: Composer) -> Endpoint:
    """The endpoint of the run, if it can still be asked.

    :raises Refused: the composer says why not.
    """
    try:
        endpoint = get_endpoint_for(membership, run.endpoint_id or 0)
    except Http404:
        composer.prompt_errors = (f"{run.model_id} cannot be used here any more. Choose another model.",)
        raise Refused from None
    if missing_key(membership, endpoint.model):
        composer.lacks_key = True
        raise Refused
    return endpoint
