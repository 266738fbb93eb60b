from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import Membership
from accounts.permissions import Action, allows
from chat.exceptions import ShareRefused
from chat.flows.lock_conversation import lock_conversation
from chat.flows.store_share import store_share

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Conversation, Share


@transaction.atomic
def share_with_member(
    conversation: Conversation, user: User, member: Membership, *, can_write: bool
) -> Share:
    """Let one member of the workspace read a conversation, or write in it. The last call counts.

    :raises ShareRefused, ConversationGone: nothing is changed.
    """
    conversation = lock_conversation(conversation)
    # A removal of the member has to wait, or it would miss the new share.
    conversation.workspace.lock()
    found = Membership.objects.select_related("user").filter(pk=member.pk).first()
    if found is None or found.workspace_id != conversation.workspace_id:
        raise ShareRefused(f"{member.user.display_name} is no longer in this workspace.")
    if found.user_id == conversation.owner_id:
        raise ShareRefused(f"{found.user.display_name} owns this conversation.")
    if can_write and not allows(found.role, Action.SEND):
        raise ShareRefused(f"{found.user.display_name} is a viewer and can only read.")
    return store_share(conversation, user, found, can_write=can_write)
