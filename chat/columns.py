from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied

from accounts.permissions import Action
from chat.access import get_conversation_for
from chat.models import Conversation

if TYPE_CHECKING:
    from accounts.models import User
    from chat.access import Grant


NAMES_HIDDEN = (
    "The names of the models are hidden in this comparison. Choose the best answer first, or show the names."
)


def require_names(conversation: Conversation) -> None:
    """Refuse what would tell the model of a column, until somebody has chosen an answer.

    :raises PermissionDenied: its comparison hides the names.
    """
    if conversation.is_blind:
        raise PermissionDenied(NAMES_HIDDEN)


def get_named_conversation_for(user: User, code: UUID, action: Action = Action.READ) -> Grant:
    """Find a conversation whose model the user may know; else raise as :func:`require_names`."""
    grant = get_conversation_for(user, code, action)
    require_names(grant.conversation)
    return grant
