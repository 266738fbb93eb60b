from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import current_membership
from accounts.flows.rename_user import rename_user
from accounts.forms.people import ProfileForm
from accounts.models import Membership

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
