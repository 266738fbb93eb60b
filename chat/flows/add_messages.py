from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from chat.models import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.models import Conversation

# A statement has a parameter for each column of each row, and SQLite limits their number.
_ROWS = 500


def add_messages(
    conversation: Conversation,
    messages: Sequence[Message],
    parents: Sequence[int | None],
    below: Message | None = None,
) -> None:
    """Insert a tree of unsaved messages, in a few queries at any size. Call it in a transaction.

    ``parents`` has the place of each message's parent among ``messages``, and None for a first message, which
    goes below the stored message ``below``, if there is one. Siblings appear in the order of ``messages``.
    """
    for message in messages:
        message.conversation, message.parent = conversation, below
    Message.objects.bulk_create(messages, batch_size=_ROWS)
    links = [
        (messages[parent].pk, message.pk)
        for message, parent in zip(messages, parents, strict=True)
        if parent is not None
    ]
    # The keys are known only now. bulk_update() would write a CASE with a branch for each row.
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE chat_message SET parent_id = %s WHERE id = %s", links)
    for message, parent in zip(messages, parents, strict=True):
        message.parent = below if parent is None else messages[parent]
