from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.exceptions import NamesHidden
from chat.flows.add_column import fill_from, lock_entry
from chat.flows.lock_conversation import lock_idle_conversation
from chat.models import Conversation

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def go_on_with_column(column: Conversation, user: User) -> Conversation:
    """Copy a column to an ordinary conversation of the user, which is shared with nobody.

    The comparison stays as it is, for everybody else and for its results.

    :raises NamesHidden: it would show the name of its model.
    :raises AnswerPending: an answer is still being written in it.
    :raises ConversationGone: nothing is stored.
    """
    if lock_entry(column).is_blind:
        raise NamesHidden
    source = lock_idle_conversation(column)
    alone = Conversation(
        workspace_id=source.workspace_id, owner=user, title=source.title, is_title_chosen=True
    )
    fill_from(source, alone)
    return alone
