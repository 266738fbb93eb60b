from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from accounts import audit
from accounts.models import AuditAction, Group
from chat.flows.store_share import name_of
from chat.live import broadcast
from chat.models import Share

if TYPE_CHECKING:
    from accounts.models import Membership, User
    from chat.models import Conversation


def stop_sharing(conversation: Conversation, user: User, holder: Membership | Group) -> None:
    """Delete the access of one member or group. That of the whole workspace, and of other groups, stays.

    Answers that are being written for them go on: they are part of the conversation.
    """
    shares = Share.objects.filter(Q(conversation=conversation) | Q(conversation__column_of=conversation))
    with transaction.atomic():
        held = shares.filter(group=holder) if isinstance(holder, Group) else shares.filter(member=holder)
        deleted, _ = held.delete()
        if deleted:
            audit.record(
                conversation.workspace_id,
                AuditAction.STOP_SHARING,
                actor=user,
                subject=conversation,
                code=conversation.code,
                before={"with": name_of(holder)},
            )
    broadcast.announce(conversation.code)
