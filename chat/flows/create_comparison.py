from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.select_model import select_model
from chat.models import Conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User, Workspace
    from chat.flows.build_request import Choice

TITLE = "New comparison"


@transaction.atomic
def create_comparison(workspace: Workspace, user: User, choices: Sequence[Choice | None]) -> Conversation:
    """Create a comparison with an empty column for each choice, and return its entry.

    A column without a choice has no model yet. The comparison is named after its first prompt: see
    ``chat.flows.send_to_columns``.
    """
    entry = Conversation.objects.create(workspace=workspace, owner=user, title=TITLE, is_comparison=True)
    for place, choice in enumerate(choices):
        column = Conversation.objects.create(
            workspace=workspace, owner=user, title=TITLE, column_of=entry, column_place=place
        )
        if choice is not None:
            select_model(column, user, choice.endpoint, choice.parameters, sending=choice.sending)
    return entry


def empty_comparison(workspace: Workspace, user: User) -> Conversation | None:
    """Return the user's newest comparison if no prompt was sent in it: another one would add nothing."""
    own = Conversation.objects.filter(workspace=workspace, owner=user, is_comparison=True)
    newest = own.order_by("-pk").first()
    if newest is None or newest.is_title_chosen or newest.columns.exclude(messages=None).exists():
        return None
    return newest
