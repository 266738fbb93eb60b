"""The answer to a change of a conversation: what the page shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRedirect

from chat.pages.conversation import header_context
from chat.pages.sidebar import conversation_list

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from chat.access import Grant


def show_changed(
    request: AuthenticatedHttpRequest,
    grant: Grant,
    more: dict[str, Any] | None = None,
    *,
    template: str = "chat/_header_changed.html",
) -> HttpResponse:
    """Bring the list of the page up to date, and the header if the page shows this conversation."""
    code = grant.conversation.code
    if not request.htmx:
        return redirect("chat:conversation", code)
    shown = shown_code(request, code)
    context = {
        **header_context(grant),
        "is_shown": shown == code,
        "is_row": "current" in request.POST,
        "listed": conversation_list(grant.membership, shown),
        **(more or {}),
    }
    return render(request, template, context)


def go_to(request: AuthenticatedHttpRequest, url: str) -> HttpResponse:
    """Lead the page to another address, whether htmx has asked or the browser."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def shown_code(request: AuthenticatedHttpRequest, code: UUID) -> UUID | None:
    """Return the code of the conversation that the page shows.

    A row of the list names it. A header belongs to the conversation with that ``code``.
    """
    return uuid_or_none(request.POST["current"]) if "current" in request.POST else code


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
