from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.exceptions import AnswerPending
from chat.flows.copy_messages import copy_messages
from chat.flows.lock_conversation import lock_conversation
from chat.flows.set_system_prompt import copy_versions
from chat.models import Conversation, Run
from chat.titles import name_of_copy
from chat.transcript import branch

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Message

MARK = " (fork)"


@transaction.atomic
def fork_conversation(message: Message, user: User) -> Conversation:
    """Copy the messages down to ``message`` into a new conversation of the user, which is shared with nobody.

    It has the model, the parameters, the system prompt and the title of the old one, and files of its own.

    :raises ConversationGone: the old conversation was deleted.
    :raises AnswerPending: the message is an answer that is still being written.
    """
    source = lock_conversation(message.conversation)
    if Run.objects.filter(answer=message, status__in=Run.LIVE).exists():
        raise AnswerPending
    title = copied_title(source)
    fork = Conversation(workspace_id=source.workspace_id, owner=user, title=title, is_title_chosen=True)
    fork.adopt(source)
    fork.prompt_text = ""
    fork.save(force_insert=True)
    versions = copy_versions(source, fork)
    fork.head = copy_messages(branch(source, message.pk), fork, None, versions)[-1]
    fork.save(update_fields=["head"])
    return fork


def copied_title(source: Conversation) -> str:
    """Return the title of a copy, which says once that it is one."""
    return name_of_copy(source.title, MARK, Conversation._meta.get_field("title").max_length)
