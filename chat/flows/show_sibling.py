from __future__ import annotations

from typing import TYPE_CHECKING

from chat.live import broadcast
from chat.models import Conversation
from chat.transcript import Tree

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Message


def show_sibling(message: Message, user: User) -> None:
    """Show every reader the branch of ``message``, down to its newest message."""
    conversation = message.conversation
    leaf = Tree(conversation).newest_leaf(message.pk)
    Conversation.objects.filter(pk=conversation.pk).update(head=leaf)
    conversation.head_id = leaf
    broadcast.announce(conversation.code)
