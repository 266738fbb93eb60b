from __future__ import annotations

from typing import TYPE_CHECKING

from chat.live import broadcast
from chat.models import Share

if TYPE_CHECKING:
    from accounts.models import Membership, User
    from chat.models import Conversation


def stop_sharing_with_member(conversation: Conversation, user: User, member: Membership) -> None:
    """Delete the access of one member. That of the whole workspace stays.

    Answers that are being written for them go on: they are part of the conversation.
    """
    Share.objects.filter(conversation=conversation, member=member).delete()
    broadcast.announce(conversation.code)
