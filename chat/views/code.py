"""Code for a request: one that was sent, and the one that a composer would send next."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.columns import get_named_conversation_for, get_named_run_for
from chat.flows.preview_request import preview_request
from chat.forms.prompts import PromptForm
from chat.pages.code import code_of_preview, code_of_run
from chat.pages.composer import draft_of
from chat.views.composing import checked_choice, read_composer
from chat.views.refusing import Refused, refusals

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.models import Conversation, Draft

# The prompt in code for a composer that has none yet.
SAMPLE_PROMPT = "Hello!"


@require_safe
@login_required
def code(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show programs that send the request of a run."""
    run = get_named_run_for(request.user, code)
    return render(request, "chat/_code.html", code_of_run(run, request.user))


@require_POST
@login_required
def next_code(request: AuthenticatedHttpRequest, slug: str = "", code: UUID | None = None) -> HttpResponse:
    """Show programs that send the request of the posted composer, or the reasons why it has none yet."""
    if code is None:
        membership = get_membership_for(request.user, slug)
        require(membership, Action.SEND)
        return _next_code(request, draft_of(membership), membership)
    grant = get_named_conversation_for(request.user, code, Action.SEND)
    return _next_code(request, grant.conversation, grant.membership)


def _next_code(
    request: AuthenticatedHttpRequest, setting: Conversation | Draft, membership: Membership
) -> HttpResponse:
    data = request.POST.copy()
    is_sample = not (data.get("text", "").strip() or data.getlist("attachments"))
    if is_sample:
        data["text"] = SAMPLE_PROMPT
    prompt = PromptForm(data)
    composer = read_composer(request, setting, membership, prompt)
    try:
        choice = checked_choice(composer, prompt, membership, needs_key=False)
        with refusals():
            text, files = prompt.cleaned_data["text"], prompt.cleaned_data["attachments"]
            preview = preview_request(setting, request.user, text, choice, files, prompt.shown_system)
    except Refused as refused:
        # htmx shows no answer with a status of an error.
        return render(request, "chat/_code_refused.html", {"refusal": refused.refusal}, status=HTTPStatus.OK)
    context = code_of_preview(preview, membership.workspace, request.user)
    return render(request, "chat/_code.html", {**context, "sample": SAMPLE_PROMPT if is_sample else ""})
