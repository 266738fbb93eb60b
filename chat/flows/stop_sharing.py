from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import AuditAction, Group
from chat.flows.store_share import announce_share, name_of, parts_of, record_share

if TYPE_CHECKING:
    from accounts.models import Membership, User
    from chat.models import Conversation, LibraryItem


def stop_sharing(thing: Conversation | LibraryItem, user: User, holder: Membership | Group) -> None:
    """Delete the access of one member or group. That of the whole workspace, and of other groups, stays.

    Answers that are being written for them go on: they are part of the conversation.
    """
    held = {"group" if isinstance(holder, Group) else "member": holder}
    with transaction.atomic():
        deleted = sum(each.shares.filter(**held).delete()[0] for each in parts_of(thing))
        if deleted:
            record_share(thing, AuditAction.STOP_SHARING, user, before={"with": name_of(holder)})
    announce_share(thing)
