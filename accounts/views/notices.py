from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for, get_notice_of, require
from accounts.flows.read_notices import read_all_notices, read_notice
from accounts.pages.notices import newest_of, notices_page, unsent_mails
from accounts.permissions import Action, allows

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_safe
@login_required
def notices(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show the member's notices, the newest first."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    can_see_mail = allows(membership.role, Action.MANAGE_WORKSPACE)
    page = notices_page(membership, request.GET.get("page", ""))
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "notices",
        "page": page,
        "found": page.paginator.count,
        "newest": newest_of(membership),
        "unsent": unsent_mails(membership.workspace).count() if can_see_mail else 0,
    }
    return render(request, "accounts/notices.html", context)


@require_POST
@login_required
def open_(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Mark a notice as read and go to what it is about."""
    membership = get_membership_for(request.user, slug)
    notice = get_notice_of(membership, code)
    read_notice(notice)
    return redirect(notice.link)


@require_POST
@login_required
def read(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    read_notice(get_notice_of(membership, code))
    return redirect("accounts:notices", slug)


@require_POST
@login_required
def read_all(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Mark all notices as read that the page has shown or counted; later ones stay unread."""
    membership = get_membership_for(request.user, slug)
    newest = request.POST.get("newest", "")
    if newest.isdecimal() and len(newest) < 19:
        read_all_notices(membership, int(newest))
    return redirect("accounts:notices", slug)
