from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from accounts.permissions import Action
from chat.access import get_message_for
from chat.flows.return_tool_results import Result, return_tool_results
from chat.forms.prompts import ClickForm
from chat.forms.tool_results import ToolResultForm
from chat.models import Run
from chat.pages.composer import Refusal, composer_for
from chat.transcript import calls_of
from chat.views.composing import read_composer, start_run
from chat.views.refusing import Refused, show_refusal
from chat.views.sending import show_sent

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from chat.flows.build_request import Choice
    from chat.models import Message
    from playground.upstream.dialects.shared.transcript import ToolCall


@require_POST
@login_required
def results(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Send the results of all calls of an answer, which are posted together, back to the model."""
    message, grant = get_message_for(request.user, code, Action.SEND)
    calls = calls_of(message)
    if not calls or Run.objects.filter(answer=message, status__in=Run.LIVE).exists():
        raise Http404
    click = ClickForm(request.POST)
    composer = read_composer(request, grant.conversation, grant.membership, click)

    def open_run(choice: Choice) -> Run:
        key = click.cleaned_data["idempotency_key"]
        return return_tool_results(message, request.user, given, choice, key)

    try:
        given = _results(request, calls)
        start_run(composer, click, grant.membership, open_run)
    except Refused as refused:
        fresh = composer_for(grant.conversation, grant.membership)
        return show_refusal(request, grant, fresh, refused)
    return show_sent(request, grant.conversation.code, _known(message))


def _results(request: AuthenticatedHttpRequest, calls: tuple[ToolCall, ...]) -> list[Result]:
    """Read the posted result of each call.

    :raises Refused: a call has no result that could be sent.
    """
    forms = [ToolResultForm(request.POST, prefix=f"result-{place}") for place, _ in enumerate(calls, 1)]
    wrong = tuple(
        f"{call.name}: {error}"
        for call, form in zip(calls, forms, strict=True)
        for errors in form.errors.values()
        for error in errors
    )
    if wrong:
        raise Refused(Refusal(wrong))
    return [Result(form.cleaned_data["text"], form.cleaned_data["failed"]) for form in forms]


def _known(message: Message) -> UUID | None:
    """Return the last message that the page has, if the results simply follow it."""
    return message.code if message.conversation.head_id == message.pk else None
