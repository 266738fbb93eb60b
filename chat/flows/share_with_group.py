from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import Group
from chat.exceptions import ShareRefused
from chat.flows.lock_shared import lock_shared
from chat.flows.store_share import store_share

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Conversation, LibraryItem


@transaction.atomic
def share_with_group(thing: Conversation | LibraryItem, user: User, group: Group, *, can_write: bool) -> None:
    """Let everyone who is in a group read a conversation or an item of the library, or write in it.

    Viewers in it only ever read.

    :raises ShareRefused, ConversationGone: nothing is changed.
    """
    thing = lock_shared(thing)
    # A deletion of the group has to wait, or it would miss the new share.
    thing.workspace.lock()
    found = Group.objects.filter(pk=group.pk, workspace=thing.workspace_id).first()
    if found is None:
        raise ShareRefused(f"The group {group} was deleted.")
    store_share(thing, user, found, can_write=can_write)
