from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.db import IntegrityError
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.exceptions import InvitationUnusable, WhyUnusable
from accounts.flows.accept_invitation import (
    accept_as_new_person,
    accept_invitation,
    find_invitation,
    is_for,
    is_member,
)
from accounts.forms.people import JoinForm
from accounts.known_devices import remember_device
from accounts.models import User

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.models import Invitation

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page behind an invitation's link, to users with and without an account."""
    try:
        invitation = find_invitation(token)
        if request.user.is_authenticated:
            return _join_signed_in(request, invitation)
        return _join_as_new_person(request, invitation)
    except InvitationUnusable as refusal:
        return _unusable(request, refusal.why)


def _join_signed_in(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    assert request.user.is_authenticated  # noqa: S101  narrows the type, the caller asked
    if is_member(request.user, invitation.workspace):
        messages.info(
            request, f"You're already a member of {invitation.workspace}. The invitation can still be used."
        )
        return redirect("chat:new", invitation.workspace.slug)
    if not is_for(invitation, request.user.email):
        return _unusable(request, WhyUnusable.OTHER, invitation)
    if request.method == "POST":
        accept_invitation(invitation, actor=request.user)
        return _welcome(request, invitation)
    return render(request, "accounts/join.html", {"invitation": invitation})


def _join_as_new_person(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if invitation.email and User.objects.filter(email=invitation.email).exists():
        # The owner of the address signs in first, and comes back here.
        return render(request, "accounts/join.html", {"invitation": invitation, "has_account": True})
    if not settings.PASSWORD_SIGN_IN or settings.SIGN_UP == "CLOSED":
        # A new account would have a password and no way to use it, or is not wanted.
        return render(request, "accounts/join.html", {"invitation": invitation, "for_accounts": True})
    form = JoinForm(request.POST or None, address=invitation.email)
    if request.method == "POST":
        # The form reveals whether an address has an account, so the number of attempts is limited.
        if not ratelimit.consume(request, action="signup"):
            refusal: HttpResponse = ratelimit.respond_429(request)
            return refusal
        if form.is_valid():
            try:
                user = accept_as_new_person(invitation, **form.cleaned_data)
            except IntegrityError:
                form.add_error("email", "This address has an account. Sign in with it to join.")
            else:
                login(request, user, backend=_BACKEND)
                response = _welcome(request, invitation)
                remember_device(request, response, user.email)
                return response
    return render(request, "accounts/join.html", {"invitation": invitation, "form": form})


def _welcome(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    messages.success(request, f"Welcome to {invitation.workspace}.")
    return redirect("chat:new", invitation.workspace.slug)


def _unusable(request: HttpRequest, why: WhyUnusable, invitation: Invitation | None = None) -> HttpResponse:
    status = {WhyUnusable.UNKNOWN: 404, WhyUnusable.OTHER: 403}.get(why, 410)
    context = {"why": why.value, "invitation": invitation}
    return render(request, "accounts/invitation_unusable.html", context, status=status)
