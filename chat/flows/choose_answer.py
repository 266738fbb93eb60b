from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.exceptions import NothingToChoose
from chat.flows.add_column import lock_entry, mark_columns
from chat.models import AnswerChoice, Message, Run

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Conversation


@transaction.atomic
def choose_answer(column: Conversation, user: User, note: str) -> AnswerChoice:
    """Choose the last answer of a column as the best one, and show the names of the models from then on.

    :raises NothingToChoose: it has no answer that has ended with a text.
    :raises ConversationGone: nothing is stored.
    """
    entry = lock_entry(column)
    columns = list(entry.columns.order_by("column_place", "pk"))
    heads = [each.head_id for each in columns if each.head_id is not None]
    ended = Run.objects.filter(answer__in=heads).exclude(status__in=Run.LIVE).exclude(answer__text="")
    models = {run.answer_id: (run.provider_code, run.model_id) for run in ended}
    copied = Message.objects.filter(pk__in=heads, role=Message.Role.ASSISTANT, run=None).exclude(model_id="")
    models |= {answer.pk: (answer.provider_code, answer.model_id) for answer in copied}
    current = next(each for each in columns if each.pk == column.pk)
    chosen = models.get(current.head_id or 0)
    if chosen is None:
        raise NothingToChoose
    choice = AnswerChoice.objects.create(
        workspace_id=entry.workspace_id,
        comparison=entry,
        user=user,
        note=note,
        was_blind=entry.is_blind,
        provider_code=chosen[0],
        model_id=chosen[1],
        among=sorted(map(list, set(models.values()))),
    )
    entry.with_columns.update(is_blind=False)
    mark_columns(entry)
    return choice
