from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.pages.recent_models import recent_models
from playground.pages.picker import picker_context

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


# The picker asks for this whenever it opens; a browser that has the same list already gets a 304.
@require_safe
@login_required
@cache_control(private=True, no_cache=True)
@conditional_page
def picker(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    return render(
        request, "playground/_model_list.html", picker_context(membership, recent_models(membership))
    )
