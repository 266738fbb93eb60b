"""Temporary chats, which are in no list and are deleted some hours after their last answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.views.decorators.http import require_POST

from chat.access import get_own_conversation_for
from chat.exceptions import ConversationGone
from chat.flows.keep_conversation import keep_conversation
from chat.views.changing import show_changed

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_POST
@login_required
def keep(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Make an ordinary conversation of a temporary one, for its owner."""
    grant = get_own_conversation_for(request.user, code)
    try:
        keep_conversation(grant.conversation)
    except ConversationGone as gone:
        raise Http404 from gone
    return show_changed(request, get_own_conversation_for(request.user, code), template="chat/_kept.html")
