from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.flows.remember_workspace import remember_workspace
from accounts.permissions import Action
from chat.access import get_conversation_for, get_message_in
from chat.columns import get_listed_conversation_for, get_named_conversation_for
from chat.flows.rename_conversation import rename_conversation
from chat.flows.send_next_queued import send_next_queued
from chat.flows.send_or_queue import send_or_queue
from chat.forms.conversations import TitleForm
from chat.forms.prompts import PromptForm
from chat.models import Run
from chat.pages.composer import composer_for
from chat.pages.conversation import conversation_context
from chat.relays import background
from chat.views.changing import show_changed
from chat.views.choosing import use_library
from chat.views.composing import UPLOAD, checked_choice, fitting_choice, named_uploads, read_composer
from chat.views.configuring import dismiss_notice, pick_model, turn_parameters
from chat.views.refusing import Refused, refusals, show_refusal
from chat.views.sending import show_queued, show_run, show_sent_differently

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from chat.models import Conversation


@require_safe
@login_required
def conversation(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    grant = get_conversation_for(request.user, code)
    if grant.conversation.is_comparison or grant.conversation.column_of is not None:
        return _show_compared(request, grant.conversation)
    remember_workspace(grant.membership)
    composer = composer_for(grant.conversation, grant.membership)
    composer.attachments = named_uploads(grant.membership, request.GET.getlist(UPLOAD))
    found = get_message_in(grant, request.GET["at"]) if "at" in request.GET else None
    context = conversation_context(grant, composer, found, request.GET.get("q", ""))
    return render(request, "chat/conversation.html", context)


def _show_compared(request: AuthenticatedHttpRequest, conversation: Conversation) -> HttpResponse:
    """Lead to the page of a comparison, and to its column ``conversation`` if it is one."""
    query = request.GET.copy()
    entry = conversation
    if conversation.column_of is not None:
        entry = conversation.column_of
        query["column"] = str(conversation.code)
    url = reverse("chat:comparison", args=[entry.code])
    return redirect(f"{url}?{query.urlencode()}" if query else url)


@require_POST
@login_required
def send(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    grant = get_conversation_for(request.user, code, Action.SEND)
    known = grant.conversation.head
    prompt = PromptForm(request.POST)
    composer = read_composer(request, grant.conversation, grant.membership, prompt)

    try:
        shown = checked_choice(composer, prompt, grant.membership)
        choice = fitting_choice(request, shown, grant.membership)
        data = prompt.cleaned_data
        text, key, files = data["text"], data["idempotency_key"], data["attachments"]
        with refusals():
            sent = send_or_queue(grant.conversation, request.user, text, choice, key, files)
    except Refused as refused:
        return show_refusal(request, grant, composer, refused)
    if isinstance(sent, Run):
        background.start(sent)
        if choice != shown:
            return show_sent_differently(request, grant)
        return show_run(request, grant, composer, sent, known.code if known else None)
    # The answer may have ended at this moment.
    for run in send_next_queued(code):
        background.start(run)
    return show_queued(request, code)


@require_POST
@login_required
def configure(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    grant = get_named_conversation_for(request.user, code, Action.SEND)
    if "dismiss" in request.POST:
        return dismiss_notice(request, grant.conversation, grant.membership)
    if "library" in request.POST:
        return use_library(request, grant.conversation, grant.membership)
    if "model" not in request.POST:
        return turn_parameters(request, grant.conversation, grant.membership)
    composer = pick_model(request, grant.conversation, grant.membership)
    return render(request, "chat/_configured.html", conversation_context(grant, composer))


@require_POST
@login_required
def rename(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    grant = get_listed_conversation_for(request.user, code, Action.SEND)
    form = TitleForm(request.POST)
    if form.is_valid():
        rename_conversation(grant.conversation, request.user, form.cleaned_data["title"])
    return show_changed(request, grant)
