from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import Membership
from accounts.permissions import Action, allows
from chat.exceptions import ShareRefused
from chat.flows.lock_shared import lock_shared
from chat.flows.store_share import store_share

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Conversation, LibraryItem


@transaction.atomic
def share_with_member(
    thing: Conversation | LibraryItem, user: User, member: Membership, *, can_write: bool
) -> None:
    """Let one member of the workspace read a conversation or an item of the library, or write in it.

    The last call counts.

    :raises ShareRefused, ConversationGone: nothing is changed.
    """
    thing = lock_shared(thing)
    # A removal of the member has to wait, or it would miss the new share.
    thing.workspace.lock()
    found = Membership.objects.select_related("user").filter(pk=member.pk).first()
    if found is None or found.workspace_id != thing.workspace_id:
        raise ShareRefused(f"{member.user.display_name} is no longer in this workspace.")
    if found.user_id == thing.owner_id:
        raise ShareRefused(f"{found.user.display_name} owns this {thing.noun}.")
    if can_write and not allows(found.role, Action.SEND):
        raise ShareRefused(f"{found.user.display_name} is a viewer and can only read.")
    store_share(thing, user, found, can_write=can_write)
