"""Sharing of conversations."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chat.columns import get_conversation_to_share_for
from chat.pages.conversation import header_context
from chat.pages.sharing import Sharing
from chat.pages.sidebar import conversation_list
from chat.views.share_dialog import ShareDialog

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import User


@never_cache
@require_safe
@login_required
def share(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    return _dialog(request, code).share()


@never_cache
@require_safe
@login_required
def people(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    return _dialog(request, code).people()


@require_POST
@login_required
def everyone(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    return _dialog(request, code).everyone()


@require_POST
@login_required
def person(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    return _dialog(request, code).person()


@require_POST
@login_required
def group(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    return _dialog(request, code).group()


def _dialog(request: AuthenticatedHttpRequest, code: UUID) -> ShareDialog:
    find = partial(_sharing, request.user, code)
    return ShareDialog(request, find, partial(_behind, request, code), "chat/_share_changed.html")


def _sharing(user: User, code: UUID) -> Sharing:
    grant = get_conversation_to_share_for(user, code)
    urls = {
        "people": reverse("chat:people_to_share_with", args=[code]),
        "everyone": reverse("chat:share_with_everyone", args=[code]),
        "person": reverse("chat:share_with_person", args=[code]),
        "group": reverse("chat:share_with_group", args=[code]),
    }
    address = reverse("chat:conversation", args=[code])
    return Sharing(grant.conversation, grant.membership, address, urls)


def _behind(request: AuthenticatedHttpRequest, code: UUID, sharing: Sharing) -> dict[str, Any]:
    """Return the list of conversations and, if the page shows this one, its header."""
    grant = get_conversation_to_share_for(request.user, code)
    shown = _shown_conversation(request)
    return {
        **header_context(grant),
        "is_open": shown == code,
        "listed": conversation_list(sharing.membership, shown),
    }


def _shown_conversation(request: AuthenticatedHttpRequest) -> UUID | None:
    """Return the code of the conversation that the page shows, which may be another one."""
    try:
        return resolve(urlsplit(request.htmx.current_url or "").path).kwargs.get("code")
    except Resolver404:
        return None
