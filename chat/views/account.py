from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import audit
from accounts.exceptions import MembershipRefused
from accounts.http import streamed
from accounts.models import AuditAction
from accounts.pages.identities import providers_to_confirm_with
from chat.exporting.account import account_archive
from chat.flows.delete_account import delete_account, owned_alone
from chat.forms.account import DeleteAccountForm
from chat.relays import background

if TYPE_CHECKING:
    from django.http import HttpResponse, StreamingHttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_GET
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def export(request: AuthenticatedHttpRequest) -> StreamingHttpResponse:
    """Send everything that is the user's own as a ZIP."""
    with transaction.atomic():
        audit.record_everywhere(request.user, AuditAction.EXPORT_ACCOUNT, actor=request.user)
    response = streamed(account_archive(request.user), "application/zip")
    response["Content-Disposition"] = 'attachment; filename="my-data.zip"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def delete(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Ask whether to delete the user's account, and do it."""
    if providers := providers_to_confirm_with(request, request.user):
        return render(request, "chat/delete_account.html", {"providers": providers})
    form = DeleteAccountForm(request.user.email, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            stopped = delete_account(actor=request.user)
        except MembershipRefused as refusal:
            form.add_error(None, refusal.text)
        else:
            for run in stopped:
                background.stop(run)
            logout(request)
            messages.success(request, "Your account is deleted.")
            return redirect("account_login")
    return render(request, "chat/delete_account.html", {"alone": owned_alone(request.user), "form": form})
