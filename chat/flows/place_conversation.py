from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.lock_conversation import lock_conversation
from chat.models import Placement

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Conversation


@transaction.atomic
def place_conversation(conversation: Conversation, user: User, place: str) -> None:
    """Pin or archive a conversation for this user alone; an empty place puts it among the others again.

    :raises ConversationGone: it was deleted.
    """
    # The lock keeps two clicks apart, and the conversation until the row is stored.
    conversation = lock_conversation(conversation)
    if place:
        Placement.objects.update_or_create(
            user=user, conversation=conversation, defaults={"place": Placement.Place(place)}
        )
    else:
        Placement.objects.filter(user=user, conversation=conversation).delete()
