"""Links that open a setup. Nothing is stored or sent, so a hostile link can do no more than show its text."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import get_membership_for, memberships_of
from chat.models import Conversation
from chat.pages.composer import opened_name
from chat.pages.conversation import new_chat_context
from chat.pages.trying import LONGEST_QUERY, WORKSPACE, composer_of_link

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership

# The name under which the session keeps a long query while its visitor signs in.
_KEPT = "after-sign-in"
_LONGEST_NEXT = 6_000


@require_safe
def try_out(request: HttpRequest) -> HttpResponse:
    """Show a new chat with the setup of the link."""
    query = request.META.get("QUERY_STRING", "")
    if len(query) > LONGEST_QUERY:
        context = {"length": len(query), "most": LONGEST_QUERY}
        return render(request, "chat/link_too_long.html", context, status=HTTPStatus.REQUEST_URI_TOO_LONG)
    if not request.user.is_authenticated:
        return _sign_in(request, query)
    if _KEPT in request.GET and _KEPT in request.session:
        return redirect(f"{request.path}?{request.session.pop(_KEPT)}")
    return _page(request)  # type: ignore[arg-type]  # checked above


def _sign_in(request: HttpRequest, query: str) -> HttpResponse:
    """Let a visitor sign in first. They come back with the setup."""
    if len(quote(query)) <= _LONGEST_NEXT:
        return redirect_to_login(request.get_full_path())
    # The query is encoded once more in the address of the sign-in page, which would become too long.
    request.session[_KEPT] = query
    return redirect_to_login(f"{request.path}?{_KEPT}")


def _page(request: AuthenticatedHttpRequest) -> HttpResponse:
    membership = _membership(request)
    if membership is None:
        return render(request, "chat/no_workspace.html")
    composer = composer_of_link(request.GET, membership)
    context = new_chat_context(membership, composer)
    slug = membership.workspace.slug
    context |= {"draft_name": opened_name(slug, composer.prompt_text), "is_unsaved": True}
    context["elsewhere"] = [
        (each.workspace, _in_workspace(request, each.workspace.slug))
        for each in context["memberships"]
        if each.workspace.slug != slug
    ]
    return render(request, "chat/conversation.html", context)


def _membership(request: AuthenticatedHttpRequest) -> Membership | None:
    """Return the membership that the link names, or that of the workspace that the user wrote in last.

    :raises Http404: the link names a workspace that the user is not in.
    """
    if slug := request.GET.get(WORKSPACE):
        return get_membership_for(request.user, slug)
    memberships = memberships_of(request.user)
    last = Conversation.objects.filter(owner=request.user).values_list("workspace", flat=True).first()
    return next((each for each in memberships if each.workspace_id == last), next(iter(memberships), None))


def _in_workspace(request: AuthenticatedHttpRequest, slug: str) -> str:
    query = request.GET.copy()
    query[WORKSPACE] = slug
    return f"{request.path}?{query.urlencode()}"
