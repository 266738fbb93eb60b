"""Opening of a pasted request. What was pasted is not stored until it is opened, and its key never is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.flows.open_setup import open_setup
from chat.media import MediaRefused
from chat.pages.pasting import understood
from chat.views.composing import UPLOAD
from playground.code.reading.paste import PasteRefused

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest


@sensitive_post_parameters("paste")
@require_POST
@login_required
def paste(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Say what was understood of a paste, or why it cannot be read."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    try:
        found = understood(request.POST.get("paste", ""), membership)
    except PasteRefused as refusal:
        return render(request, "chat/_paste_refused.html", {"refusal": refusal})
    return render(request, "chat/_paste_understood.html", {"found": found, "workspace": membership.workspace})


@sensitive_post_parameters("paste")
@sensitive_variables("found")
@require_POST
@login_required
def open_paste(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Open a paste in a new chat and send nothing."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    try:
        found = understood(request.POST.get("paste", ""), membership)
        opened = open_setup(membership, found.setup)
    except PasteRefused as refusal:
        return render(request, "chat/_paste_refused.html", {"refusal": refusal})
    except MediaRefused as refusal:
        return render(request, "chat/_paste_refused.html", {"refusal": PasteRefused(str(refusal))})
    uploads = "&".join(f"{UPLOAD}={code}" for code in opened.uploads)
    if opened.conversation is None:
        address, query = reverse("chat:new", args=[slug]), f"opened&{uploads}" if uploads else "opened"
    else:
        address, query = reverse("chat:conversation", args=[opened.conversation.code]), uploads
    return HttpResponseClientRedirect(f"{address}?{query}" if query else address)
