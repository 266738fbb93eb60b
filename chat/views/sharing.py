"""The dialog of sharing. Each change is stored as soon as it is made, and the dialog says what it did."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_group_of, get_member_of
from accounts.models import Membership
from chat.access import access_to, get_own_conversation_for
from chat.exceptions import ConversationGone, ShareRefused
from chat.flows.share_with_group import share_with_group
from chat.flows.share_with_member import share_with_member
from chat.flows.share_with_workspace import share_with_workspace
from chat.flows.stop_sharing import stop_sharing
from chat.forms.sharing import AccessForm, GroupForm, PersonForm
from chat.models import Access
from chat.pages.conversation import header_context
from chat.pages.sharing import holders_to_share_with, may_share_with, sharing_context
from chat.pages.sidebar import conversation_list

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Group
    from chat.access import Grant
    from chat.models import Conversation

LONGEST_SEARCH = 200
_DOING = {Access.READ: "read", Access.WRITE: "write in"}
_OUTDATED = "This was not saved. Close the dialog and open it again."


@never_cache
@require_safe
@login_required
def share(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Answer with the content of the dialog, which any page with that dialog can open."""
    grant = get_own_conversation_for(request.user, code)
    address = reverse("chat:conversation", args=[code])
    if not request.htmx:
        return redirect(address)
    link = request.build_absolute_uri(address)
    return render(request, "chat/_share.html", {**sharing_context(grant), "link": link})


@never_cache
@require_safe
@login_required
def people(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Answer with the people and groups whom it may be shared with, as far as a search finds them."""
    grant = get_own_conversation_for(request.user, code)
    words = request.GET.get("q", "")[:LONGEST_SEARCH]
    context = {
        "found": holders_to_share_with(grant, words),
        "workspace": grant.conversation.workspace,
    }
    return render(request, "chat/_share_found.html", context)


@require_POST
@login_required
def everyone(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    grant = get_own_conversation_for(request.user, code)
    form = AccessForm(request.POST)
    if not form.is_valid():
        return _changed(request, code, error=_OUTDATED)
    share_with_workspace(grant.conversation, request.user, access := form.cleaned_data["access"])
    return _changed(request, code, _about_everyone(grant.conversation, access))


@require_POST
@login_required
def person(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    grant = get_own_conversation_for(request.user, code)
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _changed(request, code, error=_OUTDATED)
    try:
        member = get_member_of(grant.conversation.workspace, form.cleaned_data["person"])
    except Http404:
        return _changed(request, code, error="This person is no longer in the workspace.")
    return _share_with(request, grant, member, form.cleaned_data["access"])


@require_POST
@login_required
def group(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    grant = get_own_conversation_for(request.user, code)
    form = GroupForm(request.POST)
    if not form.is_valid():
        return _changed(request, code, error=_OUTDATED)
    try:
        found = get_group_of(grant.conversation.workspace, form.cleaned_data["group"])
        if not may_share_with(grant, found):
            raise Http404
    except Http404:
        return _changed(request, code, error="This group is no longer in the workspace.")
    return _share_with(request, grant, found, form.cleaned_data["access"])


def _share_with(
    request: AuthenticatedHttpRequest, grant: Grant, holder: Membership | Group, access: Access
) -> HttpResponse:
    """Store the access of one person or group; answer with what the dialog says about it."""
    conversation, code = grant.conversation, grant.conversation.code
    name = holder.user.display_name if isinstance(holder, Membership) else holder.name
    try:
        if access == Access.NONE:
            stop_sharing(conversation, request.user, holder)
            return _changed(request, code, _about_the_rest(conversation, holder, name))
        if isinstance(holder, Membership):
            share_with_member(conversation, request.user, holder, can_write=access == Access.WRITE)
        else:
            share_with_group(conversation, request.user, holder, can_write=access == Access.WRITE)
    except ShareRefused as refusal:
        return _changed(request, code, error=str(refusal))
    except ConversationGone as gone:
        raise Http404 from gone
    said = f"{name} can {_DOING[access]} it now."
    return _changed(request, code, said, holder=holder if "keeps_row" in request.POST else None)


def _about_the_rest(conversation: Conversation, holder: Membership | Group, name: str) -> str:
    """Return what is said about somebody who is off the list, and may have another access."""
    everyone = Access(conversation.workspace_access)
    if everyone != Access.NONE:
        return (
            f"{name} is off the list. Everyone in {conversation.workspace} can still {_DOING[everyone]} it."
        )
    still = Access(access_to(conversation, holder)) if isinstance(holder, Membership) else Access.NONE
    if still != Access.NONE:
        return f"{name} is off the list, but can still {_DOING[still]} it as a member of a group."
    return f"{name} no longer has access."


def _about_everyone(conversation: Conversation, access: Access) -> str:
    if access == Access.NONE:
        return "Only the people on the list have access now."
    viewers = " Viewers can only read it." if access == Access.WRITE else ""
    return f"Everyone in {conversation.workspace} can {_DOING[access]} it now.{viewers}"


def _changed(
    request: AuthenticatedHttpRequest,
    code: UUID,
    said: str = "",
    *,
    error: str = "",
    holder: Membership | Group | None = None,
) -> HttpResponse:
    """Answer with what is new in the dialog, the list and, if the page shows the conversation, the header.

    With a ``holder``, the rows of the dialog stay as they are, apart from the note about that one.
    """
    address = reverse("chat:conversation", args=[code])
    if not request.htmx:
        return redirect(address)
    grant = get_own_conversation_for(request.user, code)
    shown = _shown_conversation(request)
    sharing = sharing_context(grant)
    context = {
        **header_context(grant),
        **sharing,
        "said": said,
        "error": error,
        "row": next((row for row in sharing["holders"] if row.holder == holder), None),
        "is_open": shown == code,
        "listed": conversation_list(grant.membership, shown),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return render(request, "chat/_share_changed.html", context, status=status)


def _shown_conversation(request: AuthenticatedHttpRequest) -> UUID | None:
    """Return the code of the conversation that the page shows, which may be another one."""
    try:
        return resolve(urlsplit(request.htmx.current_url or "").path).kwargs.get("code")
    except Resolver404:
        return None
