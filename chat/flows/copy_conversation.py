from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.add_column import copy_into, fill_from
from chat.flows.fork_conversation import copied_title
from chat.flows.lock_conversation import lock_conversation, lock_idle_conversation
from chat.models import Conversation

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def copy_conversation(conversation: Conversation, user: User) -> Conversation:
    """Copy a conversation, or a comparison with all of its columns, into one of the user's own.

    The copy is shared with nobody. It has the branches that are shown, the settings and the system prompts,
    and files of its own; the original stays as it is.

    :raises AnswerPending: an answer is still being written in it.
    :raises ConversationGone: it was deleted.
    """
    source = lock_conversation(conversation)
    copy = Conversation(
        workspace_id=source.workspace_id,
        owner=user,
        title=copied_title(source),
        is_title_chosen=True,
        is_comparison=source.is_comparison,
    )
    if not source.is_comparison:
        fill_from(lock_idle_conversation(source), copy)
        return copy
    copy.save(force_insert=True)
    for place, column in enumerate(source.columns.order_by("column_place", "pk")):
        copy_into(copy, lock_idle_conversation(column), place)
    return copy
