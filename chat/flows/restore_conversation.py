from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction
from chat.exceptions import ConversationGone
from chat.live import broadcast
from chat.models import Conversation

if TYPE_CHECKING:
    from accounts.models import User


def restore_conversation(conversation: Conversation, user: User) -> None:
    """Bring a deleted conversation back with all that it had; answers that were live stay stopped.

    If that was done already, the result is the same.

    :raises ConversationGone: it was purged.
    """
    deleted = Conversation.with_deleted.filter(Q(pk=conversation.pk) | Q(column_of=conversation.pk))
    with transaction.atomic():
        # Otherwise the rule of the workspace could delete it again at once.
        if not deleted.update(deleted_at=None, kept_since=now()):
            raise ConversationGone
        audit.record(
            conversation.workspace_id,
            AuditAction.RESTORE_CONVERSATION,
            actor=user,
            subject=conversation,
            code=conversation.code,
        )
    broadcast.announce(conversation.code)
