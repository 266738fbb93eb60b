from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.add_column import mark_columns
from chat.flows.lock_conversation import lock_conversation
from chat.models import Conversation

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def hide_names(entry: Conversation, user: User) -> None:
    """Hide the names of the models of a comparison for everybody, and shuffle its columns.

    :raises ConversationGone: nothing is changed.
    """
    entry = lock_conversation(entry)
    columns = list(entry.columns.values_list("pk", flat=True))
    secrets.SystemRandom().shuffle(columns)
    for place, pk in enumerate(columns):
        Conversation.objects.filter(pk=pk).update(column_place=place)
    entry.with_columns.update(is_blind=True)
    mark_columns(entry)


@transaction.atomic
def show_names(entry: Conversation, user: User) -> None:
    """Show the names of the models again, without a choice.

    :raises ConversationGone: nothing is changed.
    """
    entry = lock_conversation(entry)
    entry.with_columns.update(is_blind=False)
    mark_columns(entry)
