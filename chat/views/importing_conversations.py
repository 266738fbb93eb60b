"""The import of conversations from a file. The page keeps the file and sends it twice: to list, and to store.

Nothing of it stays on the server between the two, so nothing has to be cleaned up.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.exceptions import ImportRefused
from chat.flows.import_conversation import import_conversation
from chat.importing.read import Unread, read_conversations
from chat.pages.importing_conversations import Stored, listed
from chat.pages.sidebar import conversation_list
from chat.views.changing import uuid_or_none

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership

MEGABYTE = 1024 * 1024


@require_POST
@login_required
def look(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """List the conversations of a file, to choose from."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    try:
        found = listed(_file(request))
    except ImportRefused as refusal:
        return _refused(request, refusal)
    return render(request, "chat/_import_found.html", {"found": found, "workspace": membership.workspace})


@require_POST
@login_required
def store(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Import the chosen conversations of a file, each whole or not at all."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    chosen = {int(place) for place in request.POST.getlist("place") if place.isdecimal() and len(place) < 9}
    try:
        if not chosen:
            raise ImportRefused("Choose at least one conversation.")
        stored = _store(membership, _file(request), chosen)
    except ImportRefused as refusal:
        return _refused(request, refusal)
    current = uuid_or_none(request.POST.get("current", ""))
    context: dict[str, Any] = {"stored": stored, "workspace": membership.workspace}
    return render(
        request, "chat/_import_done.html", {**context, "listed": conversation_list(membership, current)}
    )


def _file(request: AuthenticatedHttpRequest) -> IO[bytes]:
    """Return the file of the request.

    :raises ImportRefused: there is none, or it is too large.
    """
    file = request.FILES.get("file")
    if file is None:
        raise ImportRefused("Choose a file first.")
    if (file.size or 0) > settings.MAX_IMPORT_MB * MEGABYTE:
        size = (file.size or 0) / MEGABYTE
        raise ImportRefused(
            f"This file has {size:,.0f} MB. A file can have at most {settings.MAX_IMPORT_MB} MB. "
            "Export fewer conversations at a time."
        )
    return cast("IO[bytes]", file.file)


def _refused(request: AuthenticatedHttpRequest, refusal: ImportRefused) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "chat/_import_refused.html", {"reason": str(refusal)}, status=status)


def _store(membership: Membership, file: IO[bytes], chosen: set[int]) -> Stored:
    stored = Stored()
    try:
        # The file is read between the transactions, so no lock waits for it.
        for place, found in enumerate(read_conversations(file)):
            if place not in chosen:
                continue
            if isinstance(found, Unread):
                stored.unread.append(found)
            else:
                stored.conversations.append(import_conversation(membership, found))
    except ImportRefused as refusal:
        stored.unread.append(Unread("The rest of the file", str(refusal)))
    return stored
