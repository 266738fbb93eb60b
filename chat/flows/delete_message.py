from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from chat.exceptions import OnlyMessage
from chat.flows.rebuild_branch import open_branch
from chat.models import Message

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Deleted:
    """The end of the old branch, which brings it back, and whether results of calls went too."""

    old_head: Message
    has_results: bool


@transaction.atomic
def delete_message(message: Message, user: User) -> Deleted | None:
    """Show everybody a new branch without a message, and without the results of its calls.

    The old branch stays, and can be shown again. Where nothing would follow, the message above is copied: a
    branch ends in a message of its own, so that the old one is another version of it. A message that is not
    shown any more, because another person was faster, is left alone.

    :raises OnlyMessage: nothing would be left.
    :raises AnswerPending, ConversationGone: nothing is changed.
    """
    branch = open_branch(message)
    if not branch.is_shown:
        return None
    results = branch.results if branch.message.role == Message.Role.ASSISTANT else []
    rest = branch.below[len(results) :]
    above = branch.message.parent
    if not rest and above is None:
        raise OnlyMessage
    old_head = [branch.message, *branch.below][-1]
    if rest or above is None:
        branch.show(above, rest)
    else:
        branch.show(above.parent, [above])
    return Deleted(old_head, bool(results))
