"""The next request of a composer, shown before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.columns import get_named_conversation_for
from chat.flows.preview_request import preview_request
from chat.forms.prompts import PromptForm
from chat.pages.composer import draft_of
from chat.pages.request_preview import preview_context, remarks_on
from chat.views.composing import checked_choice, read_composer
from chat.views.refusing import Refused, refusals

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.models import Conversation, Draft


@require_POST
@login_required
def preview(request: AuthenticatedHttpRequest, slug: str = "", code: UUID | None = None) -> HttpResponse:
    """Show the request that the posted composer would send, or why it could not be sent."""
    if code is None:
        membership = get_membership_for(request.user, slug)
        require(membership, Action.SEND)
        return _preview(request, draft_of(membership), membership)
    grant = get_named_conversation_for(request.user, code, Action.SEND)
    return _preview(request, grant.conversation, grant.membership)


def _preview(
    request: AuthenticatedHttpRequest, setting: Conversation | Draft, membership: Membership
) -> HttpResponse:
    prompt = PromptForm(request.POST)
    composer = read_composer(request, setting, membership, prompt)
    try:
        choice = checked_choice(composer, prompt, membership, needs_key=False)
        data = prompt.cleaned_data
        with refusals():
            shown = preview_request(
                setting, request.user, data["text"], choice, data["attachments"], prompt.shown_system
            )
        context = preview_context(shown)
    except Refused as refused:
        context = {"refusal": refused.refusal}
    context["remarks"] = remarks_on(composer.form, membership.workspace, composer.endpoint)
    return render(request, "chat/_request_preview.html", context)
