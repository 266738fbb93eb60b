from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.exceptions import LinkUnusable
from accounts.flows.ask_for_reset import ask_for_reset
from accounts.flows.sign_up import mail_sign_up_link, make_account, may_sign_up, read_sign_up_code
from accounts.forms.people import AddressForm, NewPersonForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask for the address of a new account, and mail a link to it. The answer never tells who has one."""
    if request.user.is_authenticated:
        return redirect("chat:home")
    if settings.SIGN_UP not in {"DOMAIN", "OPEN"} or not settings.PASSWORD_SIGN_IN:
        return render(request, "account/signup_closed.html")
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["email"]
        if not may_sign_up(address):
            form.add_error("email", f"Use an address of {' or '.join(sorted(settings.SIGN_UP_DOMAINS))}.")
        elif limited := _limited(request, address):
            return limited
        else:
            mail_sign_up_link(address)
            return render(request, "accounts/link_sent.html", {"address": address})
    return render(request, "accounts/sign_up.html", {"form": form, "domains": settings.SIGN_UP_DOMAINS})


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest, code: str) -> HttpResponse:
    """Show the page behind such a link: make the account and sign in."""
    if request.user.is_authenticated:
        messages.info(request, "You are signed in already. Sign out first to make another account.")
        return redirect("chat:home")
    try:
        form = NewPersonForm(read_sign_up_code(code), request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return render(request, "accounts/finish_sign_up.html", {"form": form, "address": form.address})
        user, member = make_account(code, **form.cleaned_data)
    except (LinkUnusable, IntegrityError):
        return render(request, "accounts/sign_up_unusable.html", status=410)
    if member is not None:
        messages.success(request, f"Welcome to {member.workspace}.")
    response: HttpResponse = perform_login(request, user)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for the address of somebody who forgot their password, and mail a link to it."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and settings.HAS_MAIL and form.is_valid():
        address = form.cleaned_data["email"]
        if limited := _limited(request, address):
            return limited
        ask_for_reset(address)
        return render(request, "accounts/link_sent.html", {"address": address, "is_reset": True})
    return render(request, "accounts/forgotten.html", {"form": form, "has_mail": settings.HAS_MAIL})


def _limited(request: HttpRequest, address: str) -> HttpResponse | None:
    """Count a link that a stranger asks for, whether or not the address has an account."""
    response: HttpResponse | None = ratelimit.consume_or_429(
        request, action="asked_link", key=address.lower()
    )
    return response
