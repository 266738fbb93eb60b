from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction
from chat.flows.store_share import announce_share, parts_of, record_share
from chat.models import Conversation

if TYPE_CHECKING:
    from accounts.models import Membership
    from chat.models import LibraryItem


def change_owner(thing: Conversation | LibraryItem, member: Membership) -> bool:
    """Make a member the owner of a conversation or an item whose owner has left the workspace.

    Who else has access stays as it is, so nobody reads what they could not read before. Return False if
    somebody else was quicker, or the thing was deleted meanwhile. Then nothing is changed.
    """
    owner = thing.owner
    with transaction.atomic():
        if not _update_owner(thing, member):
            return False
        # An owner needs no share.
        for part in parts_of(thing):
            part.shares.filter(member=member).delete()
        record_share(
            thing,
            AuditAction.TAKE_OVER,
            member.user,
            before={"owner": audit.name_of(owner) if owner else "nobody"},
            after={"owner": audit.name_of(member.user)},
        )
    announce_share(thing)
    return True


def _update_owner(thing: Conversation | LibraryItem, member: Membership) -> int:
    if isinstance(thing, Conversation):
        return thing.with_columns.filter(owner=thing.owner_id).update(owner=member.user_id)
    same = type(thing)._default_manager.filter(pk=thing.pk, created_by=thing.owner_id)
    return same.update(created_by=member.user_id)
