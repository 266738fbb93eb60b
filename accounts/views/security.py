"""The page of what protects a person's account, and of the browsers in which they are signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import current_membership, get_session_of
from accounts.flows.end_sessions import end_other_sessions, end_session, open_sessions
from accounts.models import BrowserSession
from accounts.pages.security import factors_of
from accounts.passwords import may_use_password

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@never_cache
@require_safe
@login_required
def security(request: AuthenticatedHttpRequest) -> HttpResponse:
    # Navigation needs a workspace; this page belongs to none, so it shows the user's first.
    membership = current_membership(request.user)
    sessions = open_sessions(request.user)
    this_session = BrowserSession.digest_of(request.session.session_key)
    sessions.sort(key=lambda session: session.pk != this_session)
    context = {
        "workspace": membership.workspace if membership else None,
        "membership": membership,
        "section": "security",
        "may_have_password": may_use_password(request.user.email),
        "factors": factors_of(request.user),
        "sessions": sessions,
        "this_session": this_session,
    }
    return render(request, "accounts/security.html", context)


@require_POST
@login_required
def end(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Sign out one browser. This one is signed out by "Sign out", which also asks where to go."""
    session = get_session_of(request.user, code)
    if session.pk == BrowserSession.digest_of(request.session.session_key):
        return redirect("account_logout")
    end_session(session, actor=request.user)
    messages.success(request, f"{session.browser} is signed out.")
    return redirect("accounts:security")


@require_POST
@login_required
def end_others(request: AuthenticatedHttpRequest) -> HttpResponse:
    ended = end_other_sessions(request.session.session_key, actor=request.user)
    messages.success(
        request, "You are signed out everywhere else." if ended else "There was no other sign-in."
    )
    return redirect("accounts:security")
