from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from allauth.account import views as allauth_views
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_member_of, get_membership_for, require
from accounts.exceptions import MailFailed, MembershipRefused, ResetUnusable
from accounts.flows.reset_password import find_user_to_reset, make_reset_code_for, reset_password
from accounts.flows.send_password_link import send_password_link
from accounts.forms.people import NewPasswordForm
from accounts.passwords import may_use_password
from accounts.permissions import Action
from accounts.views.mailing import require_mail

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.http import AuthenticatedHttpRequest

logger = logging.getLogger(__name__)


@never_cache
@require_safe
@login_required
def link(request: AuthenticatedHttpRequest, slug: str, number: int) -> HttpResponse:
    """Show an admin the link with which a member sets a new password. It stores nothing."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PEOPLE)
    member = get_member_of(membership.workspace, number)
    try:
        code = make_reset_code_for(member, actor=request.user)
    except MembershipRefused as refusal:
        messages.error(request, refusal.text)
        return redirect("accounts:people", slug)
    logger.info("user %s was shown a link for a new password of user %s", request.user.pk, member.user_id)
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "people",
        "member": member,
        "link": _link(request, code),
        "can_send": settings.HAS_MAIL,
    }
    return render(request, "accounts/password_link.html", context)


@require_POST
@login_required
def send(request: AuthenticatedHttpRequest, slug: str, number: int) -> HttpResponse:
    """Send a member such a link, to the address that they sign in with."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PEOPLE)
    member = get_member_of(membership.workspace, number)
    try:
        code = make_reset_code_for(member, actor=request.user)
        require_mail(request)
        send_password_link(member, _link(request, code), actor=request.user)
    except MembershipRefused as refusal:
        messages.error(request, refusal.text)
    except MailFailed as failure:
        messages.error(request, failure.text)
        return redirect("accounts:password_link", slug, number)
    else:
        logger.info("user %s sent a link for a new password to user %s", request.user.pk, member.user_id)
        messages.success(request, f"Sent {member.user.display_name} a link to set a new password.")
    return redirect("accounts:people", slug)


def _link(request: AuthenticatedHttpRequest, code: str) -> str:
    return request.build_absolute_uri(reverse("accounts:reset_password", args=[code]))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def set_(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Give an account its first password: somebody who signs in with a provider has none."""
    if not may_use_password(request.user.email):
        raise Http404
    response: HttpResponse = allauth_views.password_set(request)
    return response


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, code: str) -> HttpResponse:
    """Show the page behind such a link; set the new password and sign in."""
    try:
        user = find_user_to_reset(code)
        form = NewPasswordForm(user, request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return render(request, "accounts/reset_password.html", {"person": user, "form": form})
        user = reset_password(code, form.cleaned_data["password"])
    except ResetUnusable:
        return render(request, "accounts/reset_unusable.html", status=410)
    messages.success(request, "Your new password is set. You are signed out everywhere else.")
    if request.user.is_authenticated:
        logout(request)
    # A link stands for the password alone: a second factor is still asked for.
    response: HttpResponse = perform_login(request, user)
    return response
