from __future__ import annotations

from django.db import transaction

from chat.flows.open_run import locked
from chat.models import Message, Run


class WentOn(Exception):
    """Something follows the answer already: it was written with the other one in view."""


@transaction.atomic
def select_choice(answer: Message, number: int) -> None:
    """Of several answers that came at once, let the conversation go on from this one; 1 is the first.

    :raises WentOn, ConversationGone: nothing is changed.
    :raises KeyError: there is no such answer.
    """
    locked(answer.conversation)
    answer.refresh_from_db(fields=["data"])
    chosen = str(number - 1)
    if chosen != "0" and chosen not in answer.data.get("choices", {}):
        raise KeyError(number)
    is_live = Run.objects.filter(answer=answer, status__in=Run.LIVE).exists()
    if is_live or Message.objects.filter(parent=answer).exists():
        raise WentOn
    answer.data["chosen"] = chosen
    answer.save(update_fields=["data"])
