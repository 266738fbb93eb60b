"""The frame of every change that keeps the rest of a conversation: a new branch, with copies of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from chat.exceptions import AnswerPending
from chat.flows.copy_messages import copy_messages
from chat.flows.lock_conversation import lock_idle_conversation
from chat.live import broadcast
from chat.models import Message, Run
from chat.transcript import Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.models import Conversation


@dataclass(frozen=True, slots=True)
class OpenBranch:
    """A locked conversation, and its branch from a message on."""

    conversation: Conversation
    message: Message
    # The messages after it, down to the end of the branch.
    below: list[Message]
    # It is the branch that everybody sees.
    is_shown: bool

    @property
    def results(self) -> list[Message]:
        """The results of the message's calls, which directly follow it."""
        found: list[Message] = []
        for message in self.below:
            if message.role != Message.Role.TOOL:
                break
            found.append(message)
        return found

    def show(self, parent: Message | None, rest: Sequence[Message]) -> Message | None:
        """Copy the rest of the branch below ``parent`` and show every reader the new branch.

        Return its last message.
        """
        copies = copy_messages(rest, self.conversation, parent)
        head = copies[-1] if copies else parent
        self.conversation.head = head
        self.conversation.updated_at = now()
        self.conversation.save(update_fields=["head", "updated_at"])
        transaction.on_commit(partial(broadcast.announce, self.conversation.code))
        return head


def open_branch(message: Message) -> OpenBranch:
    """Lock a conversation and load its branch from ``message`` on. Call it in a transaction.

    It is the branch that everybody sees, unless the message is on another one.

    :raises ConversationGone: the conversation was deleted.
    :raises AnswerPending: an answer on the branch is still being written.
    """
    conversation = lock_idle_conversation(message.conversation)
    path = Tree(conversation).path_through(message.pk, conversation.head_id)
    pks = path[path.index(message.pk) :]
    if Run.objects.filter(answer__in=pks, status__in=Run.LIVE).exists():
        raise AnswerPending
    found = Message.objects.in_bulk(pks)
    below = [found[pk] for pk in pks[1:]]
    return OpenBranch(conversation, found[message.pk], below, is_shown=pks[-1] == conversation.head_id)
