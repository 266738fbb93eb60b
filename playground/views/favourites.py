from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from playground.access import get_model_for
from playground.flows.favour_model import favour_model

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest


@require_POST
@login_required
def favourite(request: AuthenticatedHttpRequest, slug: str, number: int) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    model = get_model_for(membership, number)
    favour_model(model, is_favourite=request.POST.get("on") == "true", actor=request.user)
    return HttpResponse(status=204)
