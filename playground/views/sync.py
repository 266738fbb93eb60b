from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import keys as stored_keys
from accounts.access import get_membership_for, require
from accounts.permissions import Action
from playground.access import get_provider_for
from playground.flows.sync_catalogue import start_sync
from playground.models import Provider
from playground.pages.sync import catalogue_cards

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership


@require_safe
@login_required
def catalogue(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = _manager(request, slug)
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "catalogue",
        "cards": catalogue_cards(membership.workspace),
    }
    return render(request, "playground/sync.html", context)


@require_POST
@login_required
def sync(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    """Start a sync, or show the one that is running already."""
    membership = _manager(request, slug)
    provider = get_provider_for(membership.workspace, code)
    if provider.kind == Provider.Type.DEMO:
        raise Http404
    key = stored_keys.resolve(membership.workspace, request.user, provider.code)
    start_sync(provider, actor=request.user, api_key=key)
    if request.htmx:
        return _card(request, membership, code)
    return redirect("playground:catalogue", slug)


@require_safe
@login_required
def progress(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    return _card(request, _manager(request, slug), code)


def _manager(request: AuthenticatedHttpRequest, slug: str) -> Membership:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PROVIDERS)
    return membership


def _card(request: AuthenticatedHttpRequest, membership: Membership, code: str) -> HttpResponse:
    cards = catalogue_cards(membership.workspace, code)
    if not cards:
        raise Http404
    context = {"workspace": membership.workspace, "card": cards[0]}
    return render(request, "playground/_sync.html", context)
