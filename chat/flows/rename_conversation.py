from __future__ import annotations

from chat.live import broadcast
from chat.models import Conversation


def rename_conversation(conversation: Conversation, title: str) -> None:
    conversation.title = title
    _update(conversation, title=title)
    broadcast.announce(conversation.code)


def share_conversation(conversation: Conversation, *, is_shared: bool) -> None:
    """Open a conversation to everyone in its workspace, or close it again."""
    kind = Conversation.Visibility
    conversation.visibility = kind.WORKSPACE if is_shared else kind.PRIVATE
    _update(conversation, visibility=conversation.visibility)
    # Open sockets of the others ask for news, and are refused.
    broadcast.announce(conversation.code)


def _update(conversation: Conversation, **fields: str) -> None:
    # Not save(): the conversation may have been deleted meanwhile.
    Conversation.objects.filter(pk=conversation.pk).update(**fields)
