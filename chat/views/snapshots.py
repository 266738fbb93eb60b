"""Public links: their preview and making for owners, and the list of all of them for admins."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.flows.allow_public_links import allow_public_links
from accounts.http import place_to_return_to
from accounts.permissions import Action
from chat.columns import get_conversation_to_share_for
from chat.exceptions import AnswerPending, ConversationGone, SnapshotRefused
from chat.exporting.snapshot import allowed, copy_for_snapshot
from chat.flows.make_snapshot import make_snapshot
from chat.flows.revoke_snapshot import revoke_snapshot
from chat.forms.snapshots import PartsForm, PublicLinkForm
from chat.models import Snapshot
from chat.pages.snapshot import columns_of, private_address, public_page
from chat.snapshots import get_snapshot_for

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from chat.access import Grant

# The key of the session under which the token of a new link waits for the page that shows it, once.
_NEW = "new_public_link"
_DEFAULT = ["models"]
_PENDING = "An answer is still being written. Make the link when it has ended."


@never_cache
@require_safe
@login_required
def publish(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show what a public link to a conversation would show, and the links that exist."""
    grant = get_conversation_to_share_for(request.user, code)
    asked = PartsForm(request.GET)
    chosen = asked.cleaned_data["show"] if asked.is_valid() else []
    return _page(request, grant, chosen if "preview" in request.GET else _DEFAULT)


@require_POST
@login_required
def make(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    grant = get_conversation_to_share_for(request.user, code)
    form = PublicLinkForm(request.POST)
    if not form.is_valid():
        return _page(request, grant, request.POST.getlist("show"), error="Choose how long the link works.")
    chosen = form.cleaned_data
    parts = allowed(grant.conversation, chosen["show"])
    try:
        made, token = make_snapshot(
            grant.conversation, request.user, parts, chosen["days"], seen=chosen["seen"]
        )
    except (SnapshotRefused, AnswerPending) as refusal:
        error = _PENDING if isinstance(refusal, AnswerPending) else str(refusal)
        return _page(request, get_conversation_to_share_for(request.user, code), parts.chosen, error=error)
    except ConversationGone as gone:
        raise Http404 from gone
    request.session[_NEW] = [str(made.code), token]
    return redirect("chat:publish", code)


@require_safe
@login_required
def public_links(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """List the public links of a workspace, newest first, for its admins."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_WORKSPACE)
    snapshots = Snapshot.objects.filter(workspace=membership.workspace)
    context = public_page(snapshots, membership, request.GET.get("page", ""))
    return render(request, "chat/public/links.html", context)


@require_POST
@login_required
def allow(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_WORKSPACE)
    is_on = request.POST.get("allow") == "on"
    allow_public_links(membership.workspace, is_on=is_on, actor=request.user)
    done = "Members can make public links now." if is_on else "Public links are off: none of them works now."
    messages.success(request, done)
    return redirect("chat:public_links", slug)


@require_POST
@login_required
def revoke(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    found = get_snapshot_for(membership, code)
    if revoke_snapshot(found, request.user):
        messages.success(request, "The public link is revoked. It no longer works, and its copy is deleted.")
    else:
        messages.warning(request, "This public link was revoked already.")
    here = reverse("chat:publish", args=[found.conversation.code])
    return HttpResponseRedirect(place_to_return_to(request) or here)


def _page(
    request: AuthenticatedHttpRequest, grant: Grant, chosen: list[str], *, error: str = ""
) -> HttpResponse:
    conversation, membership = grant.conversation, grant.membership
    parts = allowed(conversation, chosen)
    copied = copy_for_snapshot(conversation, parts)
    links = Snapshot.objects.filter(conversation=conversation).defer("content")[:50]
    context: dict[str, Any] = {
        "conversation": conversation,
        "workspace": conversation.workspace,
        "membership": membership,
        "section": "",
        "columns": columns_of(copied.content, copied.files, private_address),
        "form": PublicLinkForm(initial={"show": parts.chosen, "seen": copied.digest, "days": 7}),
        "parts": parts.chosen,
        "seen": copied.digest,
        "links": links,
        "new": _new(request, links),
        "error": error,
        "is_allowed": conversation.workspace.allows_public_links,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return render(request, "chat/public/make.html", context, status=status)


def _new(request: AuthenticatedHttpRequest, links: Any) -> dict[str, Any] | None:
    """Return the link that was just made, which is shown once."""
    made = request.session.pop(_NEW, None) if request.method == "GET" else None
    link = next((link for link in links if made and str(link.code) == made[0]), None)
    if made is None or link is None:
        return None
    address = request.build_absolute_uri(reverse("chat:public_snapshot", args=[made[1]]))
    return {"link": link, "address": address}
