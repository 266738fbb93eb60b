"""Changes of a branch that ask no model: other words, examples, deletions, and a copy as a new chat."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.access import get_message_for
from chat.columns import require_kept, require_names
from chat.flows.delete_message import delete_message
from chat.flows.edit_message import edit_message
from chat.flows.fork_conversation import fork_conversation
from chat.flows.insert_examples import insert_examples, start_with_examples
from chat.forms.messages import ExampleForm, WordingForm
from chat.models import Message
from chat.pages.composer import draft_of
from chat.views.showing_branches import Unchanged, changes, show_branch, words_of

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from chat.models import Conversation


@require_POST
@login_required
def save(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Store another wording of a message without asking again; what follows stays."""
    message, grant = get_message_for(request.user, code, Action.SEND)
    if message.role == Message.Role.SYSTEM:
        raise Http404
    # A post that does not name any files leaves them as they are.
    names_files = message.role == Message.Role.USER and "attachments" in request.POST
    keeps_files = message.role == Message.Role.USER and not names_files and message.files.exists()
    form = WordingForm(request.POST, needs_text=not keeps_files)
    try:
        with changes(form):
            files = form.cleaned_data["attachments"] if names_files else None
            worded = edit_message(message, request.user, form.cleaned_data["text"], files)
    except Unchanged as refused:
        return refused.response(request)
    return show_branch(request, grant.conversation.code, shown=worded)


@require_POST
@login_required
def insert(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Insert an example prompt and answer above or below a message."""
    message, grant = get_message_for(request.user, code, Action.SEND)
    form = ExampleForm(request.POST)
    if request.POST.get("place") not in ("above", "below"):
        return HttpResponseBadRequest()
    is_above = request.POST["place"] == "above"
    try:
        with changes(form):
            first = insert_examples(
                message,
                request.user,
                form.cleaned_data["prompt"],
                form.cleaned_data["answer"],
                above=is_above,
            )
    except Unchanged as refused:
        return refused.response(request)
    return show_branch(request, grant.conversation.code, shown=first)


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show a branch without a message, and offer to undo that."""
    message, grant = get_message_for(request.user, code, Action.SEND)
    try:
        with changes():
            deleted = delete_message(message, request.user)
    except Unchanged as refused:
        return refused.response(request)
    return show_branch(request, grant.conversation.code, deleted=deleted)


@require_POST
@login_required
def fork(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Copy a conversation down to a message into a new one of the user, who may only be able to read it."""
    message, grant = get_message_for(request.user, code)
    require_names(grant.conversation)
    require_kept(grant.conversation)
    require(grant.membership, Action.SEND)
    try:
        with changes():
            made = fork_conversation(message, request.user)
    except Unchanged as refused:
        return refused.response(request)
    return _go_to(request, made)


@require_POST
@login_required
def examples(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Start a chat with an example prompt and answer, set as the composer of the next new chat is."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    form = ExampleForm(request.POST)
    if not form.is_valid():
        return Unchanged(words_of(form)).response(request)
    draft, cleaned = draft_of(membership), form.cleaned_data
    # A page that a link has opened shows another system prompt than the draft.
    if "system_text" in request.POST:
        draft.system_text = cleaned["system_text"]
    made = start_with_examples(
        membership.workspace, request.user, cleaned["prompt"], cleaned["answer"], draft=draft
    )
    return _go_to(request, made)


def _go_to(request: AuthenticatedHttpRequest, conversation: Conversation) -> HttpResponse:
    url = reverse("chat:conversation", args=[conversation.code])
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
