"""The versions of a conversation's system prompt. The next answer is given the current one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max

from chat.flows.lock_conversation import lock_conversation
from chat.live import broadcast
from chat.models import Conversation, SystemPrompt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User


@transaction.atomic
def set_system_prompt(conversation: Conversation, user: User, text: str) -> SystemPrompt | None:
    """Make ``text`` the current system prompt, as a new version unless it is the current text already.

    An empty text takes the system prompt away. Earlier versions stay in any case.

    :raises ConversationGone: nothing is stored.
    """
    locked = lock_conversation(conversation)
    if text == locked.system_text:
        return locked.system_prompt
    if text:
        add_version(locked, user, text)
    else:
        _use(locked, None)
    transaction.on_commit(partial(broadcast.announce, locked.code))
    return locked.system_prompt


def add_version(conversation: Conversation, user: User | None, text: str) -> SystemPrompt:
    """Store the next version and make it the current one. Call it in a transaction, with the row locked."""
    last = conversation.system_prompts.aggregate(last=Max("number"))["last"] or 0
    version = SystemPrompt.objects.create(conversation=conversation, number=last + 1, text=text, author=user)
    _use(conversation, version)
    return version


def copy_versions(source: Conversation, target: Conversation) -> Mapping[int, SystemPrompt]:
    """Copy all versions to a new conversation, with the same one as the current. Call it in a transaction.

    :return: the copies by the keys of the originals, for the answers that are copied too.
    """
    copies = {
        version.pk: SystemPrompt(
            conversation=target,
            number=version.number,
            text=version.text,
            author_id=version.author_id,
            created_at=version.created_at,
        )
        for version in source.system_prompts.all()
    }
    SystemPrompt.objects.bulk_create(copies.values())
    if source.system_prompt_id is not None:
        _use(target, copies[source.system_prompt_id])
    return copies


def _use(conversation: Conversation, version: SystemPrompt | None) -> None:
    conversation.system_prompt = version
    Conversation.objects.filter(pk=conversation.pk).update(system_prompt=version)
