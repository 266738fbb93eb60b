from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction
from chat.live import broadcast

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Access, Conversation


def share_with_workspace(conversation: Conversation, user: User, access: Access) -> None:
    """Set what everyone in the workspace may do with a conversation. Viewers only ever read.

    Answers that are being written for a person who may no longer write go on: they are part of the
    conversation.
    """
    before, conversation.workspace_access = conversation.workspace_access, access
    # save() would restore a conversation that was deleted meanwhile, so this is an update.
    with transaction.atomic():
        conversation.with_columns.update(workspace_access=access)
        audit.record(
            conversation.workspace_id,
            AuditAction.SHARE_WITH_WORKSPACE,
            actor=user,
            subject=conversation,
            code=conversation.code,
            before={"access": before},
            after={"access": access},
        )
    # The open sockets of other readers then ask for news: what they may do now, or that they are refused.
    broadcast.announce(conversation.code)
