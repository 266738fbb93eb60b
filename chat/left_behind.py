"""The only way to what somebody who has left has shared, for admins: to become its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.access import has_left
from accounts.permissions import Action, allows
from chat.access import get_conversation_for
from chat.library_access import ITEMS, get_item_for

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import Membership, User
    from chat.access import Grant
    from chat.models import Conversation, LibraryItem


def is_left_to(membership: Membership, thing: Conversation | LibraryItem) -> bool:
    """Tell whether a member may become the owner of a thing that was found for them: its owner has left."""
    if thing.owner_id == membership.user_id or not allows(membership.role, Action.MANAGE_PEOPLE):
        return False
    return has_left(membership.workspace, thing.owner_id)


def get_left_conversation_for(user: User, code: UUID) -> Grant:
    """Find a conversation whose owner has left, for an admin whom it is shared with.

    :raises Http404: also for a column, which gets the owner of its comparison.
    :raises PermissionDenied: its owner is a member, or the user is no admin.
    """
    grant = get_conversation_for(user, code)
    if grant.conversation.column_of_id is not None:
        raise Http404
    if not is_left_to(grant.membership, grant.conversation):
        raise PermissionDenied
    return grant


def get_left_item_for(membership: Membership, word: str, code: UUID) -> LibraryItem:
    """Find an item of the library whose maker has left, for an admin whom it is shared with.

    :raises PermissionDenied: its maker is a member, or the member is no admin.
    """
    if word not in ITEMS:
        raise Http404
    item: LibraryItem = get_item_for(ITEMS[word], membership, code)
    if not is_left_to(membership, item):
        raise PermissionDenied
    return item
