from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import current_membership
from accounts.flows.choose_mail import choose_mail
from accounts.flows.rename_user import rename_user
from accounts.forms.notices import MailForm
from accounts.forms.people import ProfileForm
from accounts.models import Membership
from accounts.pages.notices import mail_choices

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        rename_user(form.cleaned_data["name"], actor=request.user)
        messages.success(request, "Saved.")
        return redirect("accounts:profile")
    memberships = Membership.objects.filter(user=request.user).select_related("workspace")
    # Navigation needs a workspace; this page belongs to none, so it shows the user's first.
    membership = current_membership(request.user)
    context = {
        "workspace": membership.workspace if membership else None,
        "membership": membership,
        "section": "profile",
        "form": form,
        "memberships": memberships.order_by("workspace__name", "pk"),
    }
    return render(request, "accounts/profile.html", context)


@require_POST
@login_required
def mail(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Set the kinds of notices that the user also wants by mail."""
    form = MailForm(mail_choices(request.user), request.POST)
    if form.is_valid():
        choose_mail(form.cleaned_data["kinds"], actor=request.user)
        messages.success(request, "Saved.")
    else:
        messages.error(request, "Nothing was changed: this page was out of date. Choose again.")
    return redirect("accounts:profile")
