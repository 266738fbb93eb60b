"""Deleting a conversation, and taking that back."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from chat.access import get_own_conversation_for, get_own_deleted_conversation_for
from chat.exceptions import ConversationGone
from chat.flows.delete_conversation import delete_conversation
from chat.flows.restore_conversation import restore_conversation
from chat.pages.sidebar import conversation_list
from chat.relays import background
from chat.views.changing import shown_code, uuid_or_none

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.http import AuthenticatedHttpRequest
    from chat.models import Conversation


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Delete a conversation at once. The page that shows it goes to a new chat; both offer to undo it."""
    grant = get_own_conversation_for(request.user, code)
    workspace = grant.conversation.workspace
    # If it is deleted already, the result is the same.
    with suppress(ConversationGone):
        for run in delete_conversation(grant.conversation, request.user):
            background.stop(run)
    shown = shown_code(request, code)
    if shown == code or not request.htmx:
        url = f"{reverse('chat:new', args=[workspace.slug])}?{urlencode({'deleted': code})}"
        return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
    listed = conversation_list(grant.membership, shown)
    context = {"workspace": workspace, "listed": listed, "deleted": grant.conversation}
    return render(request, "chat/_deleted.html", context)


@require_POST
@login_required
def restore(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Bring a deleted conversation back. The page that showed it shows it again, others list it."""
    grant = get_own_deleted_conversation_for(request.user, code)
    try:
        restore_conversation(grant.conversation, request.user)
    except ConversationGone as error:
        raise Http404 from error
    url = reverse("chat:conversation", args=[code])
    if not request.htmx:
        return redirect(url)
    shown = shown_code(request, code)
    if shown == code:
        return HttpResponseClientRedirect(url)
    listed = conversation_list(grant.membership, shown)
    return render(
        request, "chat/_sidebar_changed.html", {"workspace": grant.conversation.workspace, "listed": listed}
    )


def deleted_before(request: AuthenticatedHttpRequest) -> Conversation | None:
    """Return the conversation from whose deletion this page comes, if it can be restored."""
    code = uuid_or_none(request.GET.get("deleted", ""))
    if code is None:
        return None
    with suppress(Http404, PermissionDenied):
        conversation = get_own_deleted_conversation_for(request.user, code).conversation
        if conversation.deleted_at is not None:
            return conversation
    return None
