from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.columns import get_named_conversation_for
from chat.flows.preview_request import preview_request
from chat.forms.prompts import PromptForm
from chat.pages.composer import draft_of
from chat.pages.setup_link import LONGEST_LINK, setup_link
from chat.views.composing import checked_choice, read_composer
from chat.views.refusing import Refused, refusals

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.models import Conversation, Draft


@require_POST
@login_required
def link(request: AuthenticatedHttpRequest, slug: str = "", code: UUID | None = None) -> HttpResponse:
    """Show the link that opens the posted composer, or the reasons why there is none."""
    if code is None:
        membership = get_membership_for(request.user, slug)
        require(membership, Action.SEND)
        return _link(request, draft_of(membership), membership)
    grant = get_named_conversation_for(request.user, code, Action.SEND)
    return _link(request, grant.conversation, grant.membership)


def _link(
    request: AuthenticatedHttpRequest, setting: Conversation | Draft, membership: Membership
) -> HttpResponse:
    typed = request.POST.get("text", "")
    data = request.POST.copy()
    # A link needs no prompt.
    data["text"] = typed or "-"
    prompt = PromptForm(data)
    composer = read_composer(request, setting, membership, prompt)
    try:
        choice = checked_choice(composer, prompt, membership, needs_key=False)
        system_text = request.POST.get("system_text", setting.system_text)
        found = setup_link(choice, request.build_absolute_uri("/").rstrip("/"), typed, system_text)
        body = ""
        if found.is_too_long:
            with refusals():
                body = json.dumps(
                    preview_request(setting, request.user, typed, choice).request.body,
                    ensure_ascii=False,
                    indent=2,
                )
    except Refused as refused:
        # htmx shows no answer with a status of an error.
        return render(request, "chat/_code_refused.html", {"refusal": refused.refusal}, status=HTTPStatus.OK)
    context = {"link": found, "most": LONGEST_LINK, "body": body, "has_files": bool(composer.attachments)}
    return render(request, "chat/_setup_link.html", context)
