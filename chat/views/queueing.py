"""Queued prompts: they are read, edited, moved, removed and sent on."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Action
from chat.access import get_conversation_for, get_own_queued_prompt_for, get_queued_prompt_for
from chat.exceptions import ConversationGone
from chat.flows.edit_queued_prompt import edit_queued_prompt
from chat.flows.move_queued_prompt import move_queued_prompt
from chat.flows.remove_queued_prompts import remove_queued_prompts
from chat.flows.resume_queue import resume_queue
from chat.forms.queueing import QueuedForm
from chat.pages.queue import queue_context
from chat.relays import background

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.http import AuthenticatedHttpRequest

_STEPS = {"up": -1, "down": 1}


@require_safe
@login_required
def words(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Answer with the whole text of a queued prompt."""
    queued, _ = get_queued_prompt_for(request.user, code)
    return HttpResponse(queued.text, content_type="text/plain; charset=utf-8")


@require_POST
@login_required
def reword(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    queued, grant = get_own_queued_prompt_for(request.user, code)
    form = QueuedForm(request.POST)
    if not form.is_valid():
        return _refuse(" ".join(str(error) for error in form.errors["text"]))
    text = form.cleaned_data["text"]
    if not text and not queued.files.exists():
        return _refuse("Write a prompt first.")
    with suppress(ConversationGone):
        edit_queued_prompt(queued, request.user, text)
    return _show(request, grant.conversation.code)


def _refuse(reason: str) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return HttpResponse(reason, content_type="text/plain; charset=utf-8", status=status)


@require_POST
@login_required
def move(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    queued, grant = get_queued_prompt_for(request.user, code, Action.SEND)
    with suppress(ConversationGone):
        move_queued_prompt(queued, request.user, _STEPS.get(request.POST.get("way", ""), 0))
    return _show(request, grant.conversation.code)


@require_POST
@login_required
def unqueue(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    queued, grant = get_queued_prompt_for(request.user, code, Action.SEND)
    with suppress(ConversationGone):
        remove_queued_prompts(grant.conversation, request.user, only=queued)
    return _show(request, grant.conversation.code)


@require_POST
@login_required
def clear_queue(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    grant = get_conversation_for(request.user, code, Action.SEND)
    with suppress(ConversationGone):
        remove_queued_prompts(grant.conversation, request.user)
    return _show(request, code)


@require_POST
@login_required
def send_queued(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Send the next prompt of a queue that is paused or waits for a limit, and the others after it."""
    grant = get_conversation_for(request.user, code, Action.SEND)
    run = None
    with suppress(ConversationGone):
        run = resume_queue(grant.conversation, request.user)
    if run:
        background.start(run)
    return _show(request, code, was_tried=run is None)


def _show(request: AuthenticatedHttpRequest, code: UUID, *, was_tried: bool = False) -> HttpResponse:
    """Answer with the list. If sending ``was_tried`` in vain, a prompt that waits says so."""
    if not request.htmx:
        return redirect("chat:conversation", code)
    grant = get_conversation_for(request.user, code)
    return render(request, "chat/frames/queue.html", {**queue_context(grant), "was_tried": was_tried})
