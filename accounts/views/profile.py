from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import current_membership, deleted_memberships_of, memberships_of
from accounts.flows.choose_mail import choose_mail
from accounts.flows.rename_user import rename_user
from accounts.forms.notices import MailForm
from accounts.forms.people import ProfileForm
from accounts.pages.identities import ways_to_sign_in
from accounts.pages.notices import chosen_mail, mail_choices
from accounts.permissions import may_create_workspace

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
    memberships = memberships_of(request.user)
    # Navigation needs a workspace; this page belongs to none, so it shows the user's first.
    membership = current_membership(request.user)
    context = {
        "workspace": membership.workspace if membership else None,
        "membership": membership,
        "section": "profile",
        "form": form,
        "mail_form": MailForm(mail_choices(request.user), initial={"kinds": chosen_mail(request.user)}),
        "has_mail": settings.HAS_MAIL,
        "memberships": memberships,
        "deleted": deleted_memberships_of(request.user),
        "can_create_workspace": may_create_workspace(each.role for each in memberships),
        **ways_to_sign_in(request.user),
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
