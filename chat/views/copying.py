from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import require
from accounts.permissions import Action
from chat.columns import get_listed_conversation_for, require_names
from chat.exceptions import AnswerPending, ConversationGone
from chat.flows.copy_conversation import copy_conversation
from chat.views.changing import go_to

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_POST
@login_required
def copy(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Copy a conversation or a comparison into one of the user's own. Reading is enough."""
    grant = get_listed_conversation_for(request.user, code)
    require(grant.membership, Action.SEND)
    require_names(grant.conversation)
    try:
        made = copy_conversation(grant.conversation, request.user)
    except AnswerPending as refusal:
        messages.error(request, str(refusal))
        return go_to(request, reverse("chat:conversation", args=[code]))
    except ConversationGone as gone:
        raise Http404 from gone
    return go_to(request, reverse("chat:conversation", args=[made.code]))
