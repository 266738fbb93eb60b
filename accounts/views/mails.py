from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_mail_of, get_membership_for, require
from accounts.flows.send_outgoing_mail import try_again
from accounts.pages.notices import PER_PAGE, unsent_mails
from accounts.permissions import Action

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership


@require_safe
@login_required
def mail(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show the mails of the workspace that could not be sent so far, or were given up."""
    membership = _admin(request, slug)
    page = Paginator(unsent_mails(membership.workspace), PER_PAGE).get_page(request.GET.get("page", 1))
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "notices",
        "page": page,
        "found": page.paginator.count,
        "has_mail": settings.HAS_MAIL,
    }
    return render(request, "accounts/mail.html", context)


@require_POST
@login_required
def again(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = _admin(request, slug)
    try_again(membership.workspace)
    messages.success(request, "All mails are tried again within minutes. Those that arrive leave this list.")
    return redirect("accounts:mail", slug)


@require_POST
@login_required
def remove(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = _admin(request, slug)
    unsent = get_mail_of(membership.workspace, code)
    unsent.delete()
    messages.success(request, f"Removed the mail to {unsent.address}.")
    return redirect("accounts:mail", slug)


def _admin(request: AuthenticatedHttpRequest, slug: str) -> Membership:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_WORKSPACE)
    return membership
