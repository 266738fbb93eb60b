from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.decorators import reauthentication_required
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.exceptions import LinkUnusable, MailFailed
from accounts.flows.change_address import mail_address_link, read_address_code, use_address_code
from accounts.forms.people import AddressForm
from accounts.known_devices import remember_device

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest

_TOO_MANY = "You have asked for too many links. Try again in an hour."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def address(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Ask for another address, and mail a link to it. The address changes when the link is used."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and settings.HAS_MAIL and form.is_valid():
        wanted = form.cleaned_data["email"].lower()
        if wanted == request.user.email:
            form.add_error("email", "This is your address already.")
        elif failed := _mailed(request, wanted):
            form.add_error(None, failed)
        else:
            messages.success(request, f"Open the link that was sent to {wanted}, in this browser.")
            return redirect("accounts:profile")
    return render(request, "accounts/change_address.html", {"form": form, "has_mail": settings.HAS_MAIL})


@require_POST
@login_required
def confirm(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Mail a link that confirms the present address."""
    if not settings.HAS_MAIL:
        messages.error(request, "This server cannot send mail, so no address can be confirmed.")
    elif failed := _mailed(request, request.user.email):
        messages.error(request, failed)
    else:
        messages.success(request, f"Open the link that was sent to {request.user.email}, in this browser.")
    return redirect("accounts:profile")


def _mailed(request: AuthenticatedHttpRequest, address: str) -> str:
    """Mail the link; return what went wrong, or nothing."""
    if not ratelimit.consume(request, action="address_link", user=request.user):
        return _TOO_MANY
    try:
        mail_address_link(address, actor=request.user)
    except MailFailed as failure:
        return failure.text
    return ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def use(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    """Show the page behind such a link. Programs that look into mails open links, so only a click counts."""
    try:
        confirmed = read_address_code(code, actor=request.user)
        if request.method != "POST":
            return render(request, "accounts/confirm_address.html", {"address": confirmed})
        use_address_code(code, actor=request.user)
    except LinkUnusable:
        return render(request, "accounts/address_unusable.html", status=410)
    messages.success(request, f"{confirmed} is confirmed. You sign in with it.")
    response = redirect("accounts:profile")
    remember_device(request, response, confirmed)
    return response
