from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import current_membership
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
        request.user.name = form.cleaned_data["name"]
        request.user.save(update_fields=["name"])
        messages.success(request, "Saved.")
        return redirect("accounts:profile")
    memberships = Membership.objects.filter(user=request.user).select_related("workspace")
    # The pages around this one are about a workspace; here, about the one a person starts in.
    membership = current_membership(request.user)
    context = {
        "workspace": membership.workspace if membership else None,
        "membership": membership,
        "section": "profile",
        "form": form,
        "memberships": memberships.order_by("workspace__name", "pk"),
    }
    return render(request, "accounts/profile.html", context)
