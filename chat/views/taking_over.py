"""Admins become the owners of conversations that people who have left shared with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.views.decorators.http import require_POST

from chat.access import get_own_conversation_for
from chat.flows.change_owner import change_owner
from chat.left_behind import get_left_conversation_for
from chat.views.changing import show_changed

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_POST
@login_required
def take_over(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    grant = get_left_conversation_for(request.user, code)
    if not change_owner(grant.conversation, grant.membership):
        raise Http404
    return show_changed(request, get_own_conversation_for(request.user, code))
