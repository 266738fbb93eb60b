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

from accounts.access import get_member_of
from chat.access import get_own_conversation_for
from chat.exceptions import ConversationGone, ShareRefused
from chat.flows.share_with_member import share_with_member
from chat.flows.share_with_workspace import share_with_workspace
from chat.flows.stop_sharing_with_member import stop_sharing_with_member
from chat.forms.sharing import AccessForm, PersonForm
from chat.models import Access
from chat.pages.conversation import header_context
from chat.pages.sharing import people_to_share_with, sharing_context
from chat.pages.sidebar import conversation_list

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
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
    """Answer with the people whom the conversation may be shared with, as far as a search finds them."""
    grant = get_own_conversation_for(request.user, code)
    words = request.GET.get("q", "")[:LONGEST_SEARCH]
    context = {
        "found": people_to_share_with(grant.conversation, words),
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
    try:
        said = _share_with(request, grant, member, form.cleaned_data["access"])
    except ShareRefused as refusal:
        return _changed(request, code, error=str(refusal))
    except ConversationGone as gone:
        raise Http404 from gone
    return _changed(request, code, said, member=member if "keeps_row" in request.POST else None)


def _share_with(request: AuthenticatedHttpRequest, grant: Grant, member: Membership, access: Access) -> str:
    """Store the access of one person; return what the dialog says about it."""
    conversation, name = grant.conversation, member.user.display_name
    if access != Access.NONE:
        share_with_member(conversation, request.user, member, can_write=access == Access.WRITE)
        return f"{name} can {_DOING[access]} it now."
    stop_sharing_with_member(conversation, request.user, member)
    if conversation.workspace_access == Access.NONE:
        return f"{name} no longer has access."
    still = _DOING[Access(conversation.workspace_access)]
    return f"{name} is off the list. Everyone in {conversation.workspace} can still {still} it."


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
    member: Membership | None = None,
) -> HttpResponse:
    """Answer with what is new in the dialog, the list and, if the page shows the conversation, the header.

    With a ``member``, the people in the dialog stay as they are, apart from the note about that one.
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
        "row": next((row for row in sharing["people"] if row.member == member), None),
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
