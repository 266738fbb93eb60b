"""The page of what protects a person's account, and of the browsers in which they are signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.access import get_session_of
from accounts.flows.end_sessions import end_other_sessions, end_session

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_POST
@login_required
def end(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Sign out one browser. This one is signed out by "Sign out", which also asks where to go."""
    session = get_session_of(request.user, code)
    if session.pk == request.session.session_key:
        return redirect("account_logout")
    end_session(session, actor=request.user)
    messages.success(request, f"{session.browser} is signed out.")
    return redirect("accounts:security")


@require_POST
@login_required
def end_others(request: AuthenticatedHttpRequest) -> HttpResponse:
    ended = end_other_sessions(request.session.session_key or "", actor=request.user)
    messages.success(
        request, "You are signed out everywhere else." if ended else "There was no other sign-in."
    )
    return redirect("accounts:security")
