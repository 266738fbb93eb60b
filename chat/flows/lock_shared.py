from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.exceptions import ShareRefused
from chat.flows.lock_conversation import lock_conversation
from chat.models import Conversation

if TYPE_CHECKING:
    from chat.models import LibraryItem


def lock_shared(thing: Conversation | LibraryItem) -> Conversation | LibraryItem:
    """Read a conversation or an item of the library anew, and lock it until the transaction ends.

    :raises ShareRefused: the item was deleted.
    :raises ConversationGone: the conversation was.
    """
    if isinstance(thing, Conversation):
        return lock_conversation(thing)
    items: Any = type(thing)._default_manager.select_for_update(of=("self",)).select_related("workspace")
    found: LibraryItem | None = items.filter(pk=thing.pk).first()
    if found is None:
        raise ShareRefused(f"{thing} was deleted.")
    return found
