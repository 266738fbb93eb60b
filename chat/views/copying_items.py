from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.exceptions import ItemGone
from chat.flows.copy_item import copy_item
from chat.library_access import ITEMS, get_item_for
from chat.pages.items import address_of_item

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_POST
@login_required
def copy(request: AuthenticatedHttpRequest, slug: str, word: str, code: UUID) -> HttpResponse:
    """Copy an item of the library into one of the user's own. Reading it is enough."""
    membership = get_membership_for(request.user, slug)
    if word not in ITEMS:
        raise Http404
    item = get_item_for(ITEMS[word], membership, code)
    require(membership, Action.EDIT_LIBRARY)
    try:
        made = copy_item(item, request.user)
    except ItemGone as gone:
        raise Http404 from gone
    messages.success(request, f"{made} is your own copy of {item}. Only you can see it.")
    return redirect(address_of_item(made))
