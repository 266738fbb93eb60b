"""Access to uploads and to files of conversations and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404

from accounts.access import membership_in, require
from accounts.factors import require_factor
from accounts.permissions import Action
from chat.access import get_conversation_for, get_run_for
from chat.models import StoredFile

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User


def get_file_for(user: User, code: UUID) -> StoredFile:
    """Find an upload of the user, or a file of a conversation or a run that they may read."""
    linked = StoredFile.objects.select_related("message__conversation", "queued__conversation")
    file = linked.filter(code=code).first()
    # A copy for a snapshot has an address of its own, by the token of its link.
    if file is None or file.snapshot_id is not None:
        raise Http404
    if file.run is not None:
        get_run_for(user, file.run.code)
        return file
    holder = file.message or file.queued
    if holder is None:
        return get_unsent_file_for(user, code, Action.READ)
    get_conversation_for(user, holder.conversation.code)
    return file


def get_unsent_file_for(user: User, code: UUID, action: Action = Action.SEND) -> StoredFile:
    """Find an upload of the user that is not part of a message or of a queued prompt yet.

    :raises Http404: it does not exist, was sent or queued, belongs to another user, or they left the
        workspace.
    """
    file = (
        StoredFile.objects.select_related("workspace")
        .filter(code=code, uploader=user, message=None, queued=None)
        .first()
    )
    if file is None:
        raise Http404
    membership = membership_in(file.workspace, user)
    if membership is None:
        raise Http404
    require_factor(membership)
    require(membership, action)
    return file
