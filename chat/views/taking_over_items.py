"""Admins become the owners of items of the library that people who have left shared with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.access import get_membership_for
from chat.flows.change_owner import change_owner
from chat.left_behind import get_left_item_for
from chat.pages.items import address_of_item

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_POST
@login_required
def take_over(request: AuthenticatedHttpRequest, slug: str, word: str, code: UUID) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    item = get_left_item_for(membership, word, code)
    if change_owner(item, membership):
        messages.success(request, f"{item} is yours now: you can change whom it is shared with.")
    else:
        messages.error(request, f"Somebody else was quicker, so {item} is not yours.")
    return redirect(address_of_item(item))
