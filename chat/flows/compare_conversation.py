from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.add_column import copy_into
from chat.flows.lock_conversation import lock_idle_conversation
from chat.flows.switch_model import switch_model
from chat.models import FEWEST_COLUMNS, Conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User
    from playground.models import Endpoint


@transaction.atomic
def compare_conversation(
    conversation: Conversation, user: User, others: Sequence[Endpoint | None]
) -> Conversation:
    """Create a comparison whose columns continue copies of a conversation; return its entry.

    The first column has the model of the conversation. ``others`` are the models of the next ones, and get
    its parameters as far as they accept them. The conversation stays as it is.

    :raises AnswerPending: an answer is still being written in it.
    :raises ConversationGone: nothing is stored.
    """
    source = lock_idle_conversation(conversation)
    entry = Conversation.objects.create(
        workspace_id=source.workspace_id,
        owner=user,
        title=source.title,
        is_title_chosen=True,
        is_comparison=True,
    )
    models = [None, *others, *[None] * FEWEST_COLUMNS][: max(FEWEST_COLUMNS, len(others) + 1)]
    for place, endpoint in enumerate(models):
        column = copy_into(entry, source, place)
        if endpoint is not None:
            switch_model(column, user, endpoint)
    return entry
