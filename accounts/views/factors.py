"""The rule that members of a workspace need a second factor, and the help for those who lost theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_any_membership_for, get_member_of, get_membership_for, require
from accounts.exceptions import MembershipRefused
from accounts.factors import has_factor
from accounts.flows.reset_factors import reset_factors_of
from accounts.flows.set_factor_rule import set_factor_rule
from accounts.permissions import Action

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_safe
@login_required
def second_factor(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Lead a member to a second factor, which the workspace requires; whoever has one goes on."""
    membership = get_any_membership_for(request.user, slug)
    if not membership.workspace.requires_factor or has_factor(request.user):
        return redirect("chat:new", slug)
    return render(request, "accounts/second_factor.html", {"workspace": membership.workspace})


@require_POST
@login_required
def rule(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SET_FACTOR_RULE)
    is_required = request.POST.get("required") == "yes"
    try:
        set_factor_rule(membership.workspace, is_required, actor=request.user)
    except MembershipRefused as refusal:
        messages.error(request, refusal.text)
    else:
        what = "requires a second factor now" if is_required else "requires no second factor any more"
        messages.success(request, f"{membership.workspace} {what}.")
    return redirect("chat:workspace", slug)


@require_POST
@login_required
def reset_factors(request: AuthenticatedHttpRequest, slug: str, number: int) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PEOPLE)
    member = get_member_of(membership.workspace, number)
    try:
        was_any = reset_factors_of(member, actor=request.user)
    except MembershipRefused as refusal:
        messages.error(request, refusal.text)
    else:
        name = member.user.display_name
        if was_any:
            messages.success(request, f"{name} signs in with the password alone now, and was told so.")
        else:
            messages.warning(request, f"{name} has no second factor.")
    return redirect("accounts:people", slug)
