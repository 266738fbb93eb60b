"""The list of conversations, its search, and the menu of a row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for
from chat.columns import get_listed_conversation_for
from chat.exceptions import ConversationGone
from chat.flows.place_conversation import place_conversation
from chat.left_behind import is_left_to
from chat.models import Placement
from chat.pages.conversation import header_context
from chat.pages.found_elsewhere import found_elsewhere
from chat.pages.list_part import MOST_ROWS, PORTION, ListCursor, ListPart
from chat.pages.search import words_of
from chat.pages.sidebar import conversation_list
from chat.views.changing import show_changed, uuid_or_none

if TYPE_CHECKING:
    from django.http import QueryDict

    from accounts.http import AuthenticatedHttpRequest


@require_safe
@login_required
def search(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    part = _part(request.GET)
    listed = conversation_list(membership, uuid_or_none(request.GET.get("current", "")), part)
    template = "chat/_sidebar_rows.html" if part.after else "chat/_sidebar_list.html"
    context: dict[str, object] = {"workspace": membership.workspace, "listed": listed}
    if part.after is None:
        context["elsewhere"] = found_elsewhere(membership, words_of(part.query))
    return render(request, template, context)


def _part(query: QueryDict) -> ListPart:
    """Read which part of the list is asked for; what makes no sense is left out."""
    shown = query.get("shown", "")
    rows = min(int(shown), MOST_ROWS) if shown.isascii() and shown.isdigit() and len(shown) < 9 else 0
    return ListPart(
        query=query.get("q", ""),
        is_archived=query.get("archived") == "true",
        is_shared=query.get("shared") == "me",
        after=ListCursor.parse(query.get("after", "")),
        rows=max(rows, PORTION),
    )


@require_safe
@login_required
def menu(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show what this person may do with a conversation, for the menu of its row."""
    grant = get_listed_conversation_for(request.user, code)
    context = {**header_context(grant), "can_take_over": is_left_to(grant.membership, grant.conversation)}
    return render(request, "chat/_row_menu.html", context)


@require_POST
@login_required
def place(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Pin or archive a conversation for this person alone, or put it among the others again."""
    grant = get_listed_conversation_for(request.user, code)
    chosen = request.POST.get("place", "")
    if chosen and chosen not in Placement.Place.values:
        return HttpResponseBadRequest()
    try:
        place_conversation(grant.conversation, request.user, chosen)
    except ConversationGone as error:
        raise Http404 from error
    grant = replace(grant, place=chosen)
    return show_changed(request, grant, {"has_archived": chosen == Placement.Place.ARCHIVED})
