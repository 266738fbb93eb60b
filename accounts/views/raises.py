from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from accounts import money
from accounts.access import get_limit_of, get_membership_for, get_raise_of, get_raise_request_of, require
from accounts.exceptions import RaiseRefused
from accounts.flows.ask_for_raise import ask_for_raise
from accounts.flows.raise_limit import (
    allow_request,
    decline_request,
    end_raise,
    proposed_end,
    raise_limit,
    until_in_words,
)
from accounts.forms.raises import AllowForm, AskForm, RaiseForm
from accounts.pages.limits import remark_on_change
from accounts.pages.raises import binds, running_raises
from accounts.permissions import Action

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership


@require_POST
@login_required
def ask(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Ask the admins for more of the limit that has refused a prompt, and answer in the composer."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    context: dict[str, Any] = {"workspace": membership.workspace, "asked": None, "trouble": ""}
    form = AskForm(request.POST)
    if not form.is_valid():
        context["trouble"] = "Nothing was asked: this page is out of date. Send your prompt again."
        return render(request, "accounts/_raise_asked.html", context)
    given = form.cleaned_data
    try:
        limit = get_limit_of(membership.workspace, given["limit"])
        if not binds(limit, membership):
            raise Http404
        context["asked"] = ask_for_raise(limit, membership, given["needed"], given["ask_note"])
    except Http404:
        context["trouble"] = "This limit was removed in the meantime. Send your prompt again."
    except RaiseRefused as refusal:
        context["trouble"] = refusal.text
    return render(request, "accounts/_raise_asked.html", context)


@require_POST
@login_required
def allow(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Raise the limit for the member who asked, by the amount of the button."""
    membership = _admin(request, slug)
    asked, form = get_raise_request_of(membership.workspace, code), AllowForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was changed. Choose an amount.")
        return redirect("accounts:limits", slug)
    try:
        if asked.limit is None:
            raise RaiseRefused("This limit was removed in the meantime.")
        ends_at = proposed_end(asked.limit, now())
        raised = allow_request(asked, form.cleaned_data["amount"], ends_at, actor=request.user)
    except RaiseRefused as refusal:
        messages.error(request, refusal.text)
    else:
        more = money.in_words(raised.amount, raised.limit.unit)
        until = until_in_words(membership.workspace, raised.ends_at)
        messages.success(request, f"{asked.member.user.display_name} may use {more} more until {until}.")
    return redirect("accounts:limits", slug)


@require_POST
@login_required
def decline(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = _admin(request, slug)
    asked = get_raise_request_of(membership.workspace, code)
    try:
        decline_request(asked, actor=request.user)
    except RaiseRefused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, f"Declined. {asked.member.user.display_name} is told.")
    return redirect("accounts:limits", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def raise_(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Show the running raises of a limit, and add one."""
    membership = _admin(request, slug)
    limit = get_limit_of(membership.workspace, code)
    form = RaiseForm(limit, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        raised = raise_limit(
            limit, given["member"], given["amount"], given["until"], given["reason"], actor=request.user
        )
        more, until = (
            money.in_words(raised.amount, limit.unit),
            until_in_words(limit.workspace, raised.ends_at),
        )
        whom = raised.member.display_name if raised.member else limit.who
        messages.success(request, f"{whom}: {more} more until {until}.")
        if remark := remark_on_change(limit, limit.amount + raised.amount):
            messages.warning(request, remark)
        return redirect("accounts:limits", slug)
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "limits",
        "limit": limit,
        "form": form,
        "raises": running_raises(membership.workspace, limit),
    }
    return render(request, "accounts/raise_limit.html", context)


@require_POST
@login_required
def end(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = _admin(request, slug)
    raised = get_raise_of(membership.workspace, code)
    end_raise(raised, actor=request.user)
    messages.success(request, f"Ended the raise of {raised.limit.label}.")
    return redirect("accounts:limits", slug)


def _admin(request: AuthenticatedHttpRequest, slug: str) -> Membership:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_LIMITS)
    return membership
