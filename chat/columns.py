"""Comparisons and their columns as a member reaches them: by the access to their entry.

And what of a conversation may not leave it: a hidden name, a temporary chat.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.permissions import Action
from chat.access import get_conversation_for, get_own_conversation_for, get_run_for
from chat.models import Conversation, Message

if TYPE_CHECKING:
    from accounts.models import User
    from chat.access import Grant
    from chat.models import Run

NAMES_HIDDEN = (
    "The names of the models are hidden in this comparison. Choose the best answer first, or show the names."
)


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison that a member reaches: its entry, and its columns in their order."""

    entry: Grant
    columns: list[Grant]

    def column(self, code: UUID) -> Grant | None:
        return next((each for each in self.columns if each.conversation.code == code), None)


def get_comparison_for(user: User, code: UUID, action: Action = Action.READ) -> Compared:
    """Find a comparison by the code of its entry.

    It raises the errors of :func:`chat.access.get_conversation_for`.
    """
    entry = get_conversation_for(user, code, action)
    if not entry.conversation.is_comparison:
        raise Http404
    return Compared(entry, _columns_of(entry))


def get_column_for(user: User, code: UUID, action: Action = Action.READ) -> tuple[Grant, Compared]:
    """Find a column and its comparison. Errors as in :func:`get_comparison_for`."""
    found = Conversation.objects.filter(code=code).values_list("column_of__code", flat=True).first()
    if found is None:
        raise Http404
    compared = get_comparison_for(user, found, action)
    column = compared.column(code)
    if column is None:
        raise Http404
    return column, compared


def get_message_in_columns(compared: Compared, code: str) -> Message:
    """Find a message in one of the columns that the reader has reached.

    :raises Http404: it is no code, or that of another conversation's message.
    """
    try:
        columns = [each.conversation.pk for each in compared.columns]
        return Message.objects.select_related("conversation").get(code=UUID(code), conversation__in=columns)
    except (ValueError, Message.DoesNotExist) as error:
        raise Http404 from error


def require_names(conversation: Conversation) -> None:
    """Refuse what would tell the model of a column, until somebody has chosen an answer.

    :raises PermissionDenied: its comparison hides the names.
    """
    if conversation.is_blind:
        raise PermissionDenied(NAMES_HIDDEN)


def require_kept(conversation: Conversation) -> None:
    """Refuse what would give the content of a temporary chat to others, to a list or to another object.

    :raises Http404: it is temporary, until its owner keeps it.
    """
    if conversation.is_temporary:
        raise Http404


def get_named_conversation_for(user: User, code: UUID, action: Action = Action.READ) -> Grant:
    """Find a conversation whose model the user may know; else raise as :func:`require_names`."""
    grant = get_conversation_for(user, code, action)
    require_names(grant.conversation)
    return grant


def get_named_run_for(user: User, code: UUID) -> Run:
    """Find a run whose model the user may know; else raise as :func:`require_names`."""
    run = get_run_for(user, code)
    if run.conversation is not None:
        require_names(run.conversation)
    return run


def get_listed_conversation_for(user: User, code: UUID, action: Action = Action.READ) -> Grant:
    """Find a conversation that a list shows: a column is listed, named and placed with its comparison.

    Temporary chats are in no list. It raises the errors of :func:`chat.access.get_conversation_for`.
    """
    grant = get_conversation_for(user, code, action)
    if grant.conversation.column_of_id is not None:
        raise Http404
    require_kept(grant.conversation)
    return grant


def get_conversation_to_share_for(user: User, code: UUID) -> Grant:
    """Find a conversation that ``user`` may show to others: one of their own that is not temporary.

    It raises the errors of :func:`chat.access.get_own_conversation_for`.
    """
    grant = get_own_conversation_for(user, code)
    require_kept(grant.conversation)
    return grant


def _columns_of(entry: Grant) -> list[Grant]:
    """Return the columns, with the access that the entry grants."""
    found = Conversation.objects.select_related("owner", "head", "model__provider", "system_prompt")
    columns = list(found.filter(column_of=entry.conversation.pk).order_by("column_place", "pk"))
    for column in columns:
        column.workspace, column.column_of = entry.conversation.workspace, entry.conversation
    return [replace(entry, conversation=column, place="") for column in columns]
