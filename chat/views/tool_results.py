from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.permissions import Action
from chat.access import get_message_for
from chat.flows.return_tool_results import Result, return_tool_results
from chat.forms.prompts import PromptForm
from chat.forms.tool_results import ToolResultForm
from chat.models import Run
from chat.pages.conversation import composer_context, composer_for
from chat.relays import background
from chat.transcript import calls_of
from chat.views.composing import Refused, checked_choice, read_composer, refusals
from chat.views.conversations import UNPROCESSABLE, sent_context

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from chat.models import Message
    from chat.pages.conversation import Composer
    from playground.upstream.dialects.shared.transcript import ToolCall


@require_POST
@login_required
def results(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """What came of each call of an answer, posted together; the model goes on from there."""
    message, grant = get_message_for(request.user, code, Action.SEND)
    calls = calls_of(message)
    if not calls or Run.objects.filter(answer=message, status__in=Run.LIVE).exists():
        raise Http404
    composer, _ = read_composer(request, grant.conversation, grant.membership)
    click = PromptForm({**request.POST.dict(), "text": "results"})
    click.is_valid()
    try:
        given = _results(request, calls, composer)
        choice = checked_choice(composer, click, grant.membership)
        with refusals(composer):
            run = return_tool_results(
                message, request.user, given, choice, click.cleaned_data["idempotency_key"]
            )
    except Refused:
        fresh = composer_for(grant.conversation, grant.membership)
        fresh.prompt_errors, fresh.refusal = composer.prompt_errors, composer.refusal
        fresh.parameter_errors = composer.parameter_errors
        fresh.unavailable, fresh.lacks_key = composer.unavailable, composer.lacks_key
        fresh.idempotency_key = uuid4()
        context = composer_context(grant, fresh)
        return render(request, "chat/_composer_refused.html", context, status=UNPROCESSABLE)
    background.start(run)
    return render(request, "chat/_sent.html", sent_context(request, grant.conversation.code, _known(message)))


def _results(
    request: AuthenticatedHttpRequest, calls: tuple[ToolCall, ...], composer: Composer
) -> list[Result]:
    """
    :raises Refused: the composer says which call has no result that could be sent.
    """
    forms = [ToolResultForm(request.POST, prefix=f"result-{place}") for place, _ in enumerate(calls, 1)]
    wrong = [
        f"{call.name}: {error}"
        for call, form in zip(calls, forms, strict=True)
        for errors in form.errors.values()
        for error in errors
    ]
    if wrong:
        composer.prompt_errors = (*composer.prompt_errors, *wrong)
        raise Refused
    return [Result(form.cleaned_data["text"], form.cleaned_data["failed"]) for form in forms]


def _known(message: Message) -> UUID | None:
    """What the page has got up to, where the results simply follow."""
    return message.code if message.conversation.head_id == message.pk else None
