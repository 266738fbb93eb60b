from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Action
from chat.access import get_message_for
from chat.exceptions import ChoiceGone, ChoiceTooLate, ConversationGone
from chat.flows.edit_prompt import edit_prompt
from chat.flows.regenerate_answer import regenerate_answer
from chat.flows.select_choice import select_choice
from chat.flows.show_sibling import show_sibling
from chat.forms.prompts import PromptForm
from chat.models import Message
from chat.pages.conversation import (
    composer_context,
    composer_for,
    earlier_context,
    page_fragment_context,
)
from chat.pages.logprobs import logprobs_of
from chat.pages.messages import message_view
from chat.relays import background
from chat.views.composing import Refused, checked_choice, read_composer, refusals
from chat.views.conversations import UNPROCESSABLE, sent_context

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from chat.access import Grant


@require_safe
@login_required
def text(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """The message as it was written, character for character; of several answers, the one asked for."""
    message, _ = get_message_for(request.user, code)
    number = request.GET.get("answer", "1")
    written = message.text
    if number.isdecimal() and len(number) < 4 and int(number) > 1:
        written = message.data.get("choices", {}).get(str(int(number) - 1), {}).get("text", "")
    return HttpResponse(written, content_type="text/plain; charset=utf-8")


@require_safe
@login_required
def earlier(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """What stands above a message, for a page that does not have it yet."""
    message, grant = get_message_for(request.user, code)
    return render(request, "chat/_thread.html", earlier_context(grant, message))


@require_POST
@login_required
def edit(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    message, grant = get_message_for(request.user, code, Action.SEND)
    if message.role != Message.Role.USER:
        raise Http404
    return _answer_again(request, message, grant)


@require_POST
@login_required
def regenerate(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    message, grant = get_message_for(request.user, code, Action.SEND)
    if message.role != Message.Role.ASSISTANT or message.parent is None:
        raise Http404
    return _answer_again(request, message, grant)


def _answer_again(request: AuthenticatedHttpRequest, message: Message, grant: Grant) -> HttpResponse:
    is_prompt = message.role == Message.Role.USER
    # Without a word about them, the files stay as they are.
    keeps_files = is_prompt and "attachments" not in request.POST and message.files.exists()
    composer, prompt = read_composer(request, grant.conversation, grant.membership, keeps_files=keeps_files)
    if not is_prompt:
        prompt = PromptForm({**request.POST.dict(), "text": "again"})
        prompt.is_valid()
    try:
        choice = checked_choice(composer, prompt, grant.membership)
        key = prompt.cleaned_data["idempotency_key"]
        with refusals(composer):
            if is_prompt:
                named = prompt.cleaned_data["attachments"] if "attachments" in request.POST else None
                run = edit_prompt(message, request.user, prompt.cleaned_data["text"], choice, key, named)
            else:
                run = regenerate_answer(message, request.user, choice, key)
    except Refused:
        fresh = composer_for(grant.conversation, grant.membership)
        fresh.prompt_errors, fresh.refusal = composer.prompt_errors, composer.refusal
        fresh.parameter_errors = composer.parameter_errors
        fresh.unavailable = composer.unavailable
        fresh.idempotency_key = uuid4()
        context = composer_context(grant, fresh)
        return render(request, "chat/_composer_refused.html", context, status=UNPROCESSABLE)
    background.start(run)
    return render(request, "chat/_sent.html", sent_context(request, grant.conversation.code, None))


@require_safe
@login_required
def logprobs(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """The tokens of an answer in shades, for the fold that is opened."""
    message, _ = get_message_for(request.user, code)
    found = logprobs_of(message)
    if found is None:
        raise Http404
    return render(request, "chat/_logprobs.html", {"logprobs": found})


@require_POST
@login_required
def select(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Of several answers, the one that the next prompt follows."""
    message, grant = get_message_for(request.user, code, Action.SEND)
    number = request.POST.get("answer", "")
    if message.role != Message.Role.ASSISTANT or not (number.isdecimal() and len(number) < 4):
        raise Http404
    try:
        select_choice(message, int(number))
    except (ChoiceGone, ConversationGone) as error:
        raise Http404 from error
    except ChoiceTooLate:
        # Another tab was quicker: the page learns how it went on.
        return render(request, "chat/_sent.html", sent_context(request, grant.conversation.code, None))
    context = page_fragment_context(grant) | {"message": message_view(grant, message)}
    return render(request, "chat/_message.html", context)


@require_POST
@login_required
def show(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Turn to another version, for all who read: the next prompt follows what the page shows."""
    message, grant = get_message_for(request.user, code, Action.SEND)
    show_sibling(message)
    if not request.htmx:
        return redirect("chat:conversation", grant.conversation.code)
    return render(request, "chat/_sent.html", sent_context(request, grant.conversation.code, None))
