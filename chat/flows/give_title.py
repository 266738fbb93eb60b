"""The end of a run that makes a title. Both functions are for the transaction that ends the run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.folding import fold
from chat.live import broadcast
from chat.models import Conversation
from chat.titles import title_in

if TYPE_CHECKING:
    from chat.models import Run


def lock_titled(run: Run) -> None:
    """Lock the conversation that the run makes a title for, if there is one.

    A deletion locks the conversation before its runs too, so the two cannot wait for each other.
    """
    if run.title_of_id is not None:
        Conversation.objects.select_for_update().filter(pk=run.title_of_id).first()


def give_title(run: Run, text: str) -> None:
    """Give the conversation the title that a model wrote for it, unless a person has chosen one."""
    if run.title_of_id is None or not (title := title_in(text)):
        return
    titled = Conversation.objects.filter(pk=run.title_of_id, is_title_chosen=False)
    if titled.update(title=title, folded_title=fold(title)):
        for code in titled.values_list("code", flat=True):
            transaction.on_commit(partial(broadcast.announce, code))
