from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.exceptions import ChoiceGone, ChoiceTooLate
from chat.flows.lock_conversation import lock_conversation
from chat.models import Message, Run

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def select_choice(answer: Message, user: User, number: int) -> None:
    """Let the conversation go on from one of the choices that an answer came with; ``number`` counts from 1.

    :raises ChoiceGone, ChoiceTooLate, ConversationGone: nothing is changed.
    """
    lock_conversation(answer.conversation)
    answer.refresh_from_db(fields=["data"])
    chosen = str(number - 1)
    if chosen != "0" and chosen not in answer.data.get("choices", {}):
        raise ChoiceGone
    is_live = Run.objects.filter(answer=answer, status__in=Run.LIVE).exists()
    if is_live or Message.objects.filter(parent=answer).exists():
        raise ChoiceTooLate
    answer.data["chosen"] = chosen
    answer.save(update_fields=["data"])
