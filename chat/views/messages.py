from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Action, allows
from chat.access import get_message_for
from chat.columns import require_names
from chat.exceptions import ChoiceGone, ChoiceTooLate, ConversationGone
from chat.flows.collect_case import can_be_collected
from chat.flows.edit_prompt import edit_prompt
from chat.flows.edit_result import edit_result
from chat.flows.regenerate_answer import regenerate_answer
from chat.flows.select_choice import select_choice
from chat.flows.show_sibling import show_sibling
from chat.forms.prompts import ClickForm, PromptForm
from chat.markdown import plain_text
from chat.models import Message
from chat.pages.composer import composer_for
from chat.pages.conversation import earlier_context, page_fragment_context
from chat.pages.json_tree import text_of_choice, tree_of_answer
from chat.pages.library import words_to_keep
from chat.pages.logprobs import logprobs_of
from chat.pages.messages import message_view
from chat.transcript import said_in
from chat.views.composing import read_composer, start_run
from chat.views.refusing import Refused, show_refusal
from chat.views.sending import show_sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.http import AuthenticatedHttpRequest
    from chat.access import Grant
    from chat.flows.build_request import Choice
    from chat.models import Run


@require_safe
@login_required
def text(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Send the text of a message exactly as it was written, or of the choice that is asked for.

    ``?answer=chosen`` asks for the choice that the conversation goes on from, by whatever number.
    ``?as=plain`` asks for the text of an answer without its Markdown.
    """
    message, _ = get_message_for(request.user, code)
    number = request.GET.get("answer", "1")
    written = said_in(message).get("text", "") if number == "chosen" else text_of_choice(message, number)
    if request.GET.get("as") == "plain" and message.role == Message.Role.ASSISTANT:
        written = plain_text(written)
    return HttpResponse(written, content_type="text/plain; charset=utf-8")


@require_safe
@login_required
def menu(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show what this person may do with a message, for its menu."""
    message, grant = get_message_for(request.user, code)
    require_names(grant.conversation)
    context = {
        "conversation": grant.conversation,
        "message": message_view(grant, message),
        "words_to_keep": words_to_keep(getattr(message, "run", None), grant.membership),
        "can_collect": not grant.conversation.is_temporary
        and allows(grant.membership.role, Action.EDIT_LIBRARY)
        and can_be_collected(message),
    }
    return render(request, "chat/_message_menu.html", context)


@require_safe
@login_required
def earlier(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Answer with the messages above this one, for a page that does not have them yet."""
    message, grant = get_message_for(request.user, code)
    return render(
        request, "chat/_thread.html", earlier_context(grant, message, is_apart="apart" in request.GET)
    )


@require_POST
@login_required
def edit(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    message, grant = get_message_for(request.user, code, Action.SEND)
    if message.role == Message.Role.TOOL:
        return _ask_again(request, grant, message)
    if message.role != Message.Role.USER:
        raise Http404
    # A post that does not name any files leaves them as they are.
    names_files = "attachments" in request.POST
    prompt = PromptForm(request.POST, keeps_files=not names_files and message.files.exists())

    def open_run(choice: Choice) -> Run:
        data = prompt.cleaned_data
        files = data["attachments"] if names_files else None
        return edit_prompt(message, request.user, data["text"], choice, data["idempotency_key"], files)

    return _branch(request, grant, prompt, open_run)


def _ask_again(request: AuthenticatedHttpRequest, grant: Grant, result: Message) -> HttpResponse:
    """Ask again with another wording of a tool's result."""
    wording = PromptForm(request.POST)

    def open_run(choice: Choice) -> Run:
        data = wording.cleaned_data
        return edit_result(result, request.user, data["text"], choice, data["idempotency_key"])

    return _branch(request, grant, wording, open_run)


@require_POST
@login_required
def regenerate(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    message, grant = get_message_for(request.user, code, Action.SEND)
    if message.role != Message.Role.ASSISTANT or message.parent is None:
        raise Http404
    click = ClickForm(request.POST)

    def open_run(choice: Choice) -> Run:
        return regenerate_answer(message, request.user, choice, click.cleaned_data["idempotency_key"])

    return _branch(request, grant, click, open_run)


def _branch(
    request: AuthenticatedHttpRequest, grant: Grant, click: ClickForm, open_run: Callable[[Choice], Run]
) -> HttpResponse:
    composer = read_composer(request, grant.conversation, grant.membership, click)
    try:
        start_run(request, composer, click, grant.membership, open_run)
    except Refused as refused:
        fresh = composer_for(grant.conversation, grant.membership)
        return show_refusal(request, grant, fresh, refused)
    return show_sent(request, grant.conversation.code)


@require_safe
@login_required
def logprobs(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Answer with the tokens of an answer, shaded by their probability."""
    message, _ = get_message_for(request.user, code)
    found = logprobs_of(message)
    if found is None:
        raise Http404
    return render(request, "chat/_logprobs.html", {"logprobs": found})


@require_safe
@login_required
def tree(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Answer with a part of an answer in JSON as a tree: ``?at=`` a pointer, ``from=`` one of its entries."""
    message, _ = get_message_for(request.user, code)
    number, begin = request.GET.get("answer", "1"), request.GET.get("from", "")
    start = int(begin) if begin.isdecimal() and len(begin) < 10 else 0
    node = tree_of_answer(message, number, request.GET.get("at", ""), start)
    if node is None:
        raise Http404
    context = {"node": node, "address": f"{request.path}?{urlencode({'answer': number})}"}
    return render(request, "chat/_json_tree.html", context)


@require_POST
@login_required
def select(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Select the choice of an answer that the next prompt follows."""
    message, grant = get_message_for(request.user, code, Action.SEND)
    number = request.POST.get("answer", "")
    if message.role != Message.Role.ASSISTANT or not (number.isdecimal() and len(number) < 4):
        raise Http404
    try:
        select_choice(message, request.user, int(number))
    except (ChoiceGone, ConversationGone) as error:
        raise Http404 from error
    except ChoiceTooLate:
        # Another tab has continued already, so the page gets the branch as it is now.
        return show_sent(request, grant.conversation.code)
    context = page_fragment_context(grant) | {"message": message_view(grant, message)}
    return render(request, "chat/_message.html", context)


@require_POST
@login_required
def show(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show another version to every reader: the next prompt follows what the page shows."""
    message, grant = get_message_for(request.user, code, Action.SEND)
    show_sibling(message, request.user)
    if not request.htmx:
        return redirect("chat:conversation", grant.conversation.code)
    return show_sent(request, grant.conversation.code)
