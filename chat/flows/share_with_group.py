from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import Group
from chat.exceptions import ShareRefused
from chat.flows.lock_conversation import lock_conversation
from chat.flows.store_share import store_share

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Conversation, Share


@transaction.atomic
def share_with_group(conversation: Conversation, user: User, group: Group, *, can_write: bool) -> Share:
    """Let everyone who is in a group read a conversation, or write in it. Viewers in it only ever read.

    :raises ShareRefused, ConversationGone: nothing is changed.
    """
    conversation = lock_conversation(conversation)
    # A deletion of the group has to wait, or it would miss the new share.
    conversation.workspace.lock()
    found = Group.objects.filter(pk=group.pk, workspace=conversation.workspace_id).first()
    if found is None:
        raise ShareRefused(f"The group {group} was deleted.")
    return store_share(conversation, user, found, can_write=can_write)
