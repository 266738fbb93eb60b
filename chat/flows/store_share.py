from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction, Group
from chat.live import broadcast
from chat.models import Share

if TYPE_CHECKING:
    from accounts.models import Membership, User
    from chat.models import Conversation


def store_share(
    conversation: Conversation, user: User, holder: Membership | Group, *, can_write: bool
) -> Share:
    """Give a member or a group access to a conversation and to its columns. The last call counts.

    Call it in a transaction that has locked the conversation and its workspace.
    """
    is_group = isinstance(holder, Group)
    held: dict[str, Any] = {"group" if is_group else "member": holder}
    # The lock keeps new columns out, which copy the shares of their comparison.
    for each in (*conversation.columns.all(), conversation):
        share, _ = Share.objects.update_or_create(
            conversation=each, **held, defaults={"can_write": can_write}
        )
    action = AuditAction.SHARE_WITH_GROUP if is_group else AuditAction.SHARE_WITH_MEMBER
    audit.record(
        conversation.workspace_id,
        action,
        actor=user,
        subject=conversation,
        code=conversation.code,
        after={"with": name_of(holder), "may write": can_write},
    )
    transaction.on_commit(partial(broadcast.announce, conversation.code))
    return share


def name_of(holder: Membership | Group) -> str:
    """Return the name of the member or group, as the audit log keeps it."""
    return holder.name if isinstance(holder, Group) else audit.name_of(holder.user)
