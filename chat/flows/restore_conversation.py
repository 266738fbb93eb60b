from __future__ import annotations

from typing import TYPE_CHECKING

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
    if not Conversation.with_deleted.filter(pk=conversation.pk).update(deleted_at=None):
        raise ConversationGone
    broadcast.announce(conversation.code)
