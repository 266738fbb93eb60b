from __future__ import annotations

from typing import TYPE_CHECKING

from chat.live import broadcast
from chat.models import Conversation

if TYPE_CHECKING:
    from accounts.models import User


def share_conversation(conversation: Conversation, user: User, *, is_shared: bool) -> None:
    """Open a conversation to everyone in its workspace, or close it again."""
    kind = Conversation.Visibility
    conversation.visibility = kind.WORKSPACE if is_shared else kind.PRIVATE
    # save() would restore a conversation that was deleted meanwhile, so this is an update.
    Conversation.objects.filter(pk=conversation.pk).update(visibility=conversation.visibility)
    # The open sockets of other readers then ask for news, and are refused.
    broadcast.announce(conversation.code)
