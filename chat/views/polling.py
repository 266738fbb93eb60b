from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.access import was_deleted_for, workspace_was_deleted_for
from chat.sockets.polling import frames_after, state_of

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.http import AuthenticatedHttpRequest


@require_safe
@never_cache
@login_required
def frames(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Answer with what a page without a socket lacks of a conversation.

    The status is 204 if that is nothing, 410 if the conversation was deleted a moment ago, and 423 if its
    workspace was.
    """
    try:
        found, is_live = frames_after(request.user, state_of(request.GET.get("state", ""), code))
    except Http404:
        if was_deleted_for(request.user, code):
            return HttpResponse(status=410)
        if workspace_was_deleted_for(request.user, code):
            return HttpResponse(status=423)
        raise
    if not found and not is_live:
        return HttpResponse(status=204)
    return JsonResponse({"frames": found, "live": is_live})
