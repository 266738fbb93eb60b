"""The versions of a conversation's system prompt. The next answer is given the current one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.lock_conversation import lock_conversation
from chat.live import broadcast
from chat.models import Conversation, Draft, SystemPrompt

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


@transaction.atomic
def use_version(conversation: Conversation, user: User, number: int) -> None:
    """Make an earlier version the current one again; a number that no version has changes nothing.

    :raises ConversationGone: nothing is stored.
    """
    locked = lock_conversation(conversation)
    version = locked.system_prompts.filter(number=number).first()
    if version is not None and version.pk != locked.system_prompt_id:
        _use(locked, version)
        transaction.on_commit(partial(broadcast.announce, locked.code))


def keep_for_new_chat(draft: Draft, user: User, text: str) -> None:
    """Store the system prompt of a member's next new chat, which keeps its model from now on."""
    draft.store({"system_text": text, "is_system_set": True})
    # Another tab may have chosen a model meanwhile, which stays.
    Draft.objects.filter(user=draft.user, workspace=draft.workspace, is_begun=False).update(
        is_begun=True,
        model=draft.model_id,
        endpoint_kind=draft.endpoint_kind,
        schema_digest=draft.schema_digest,
    )


def add_version(conversation: Conversation, user: User | None, text: str) -> SystemPrompt:
    """Store the next version and make it the current one. Call it in a transaction, with the row locked."""
    conversation.system_prompt_count += 1
    number = conversation.system_prompt_count
    version = SystemPrompt.objects.create(conversation=conversation, number=number, text=text, author=user)
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
    target.system_prompt_count = len(copies)
    current = source.system_prompt_id
    _use(target, copies[current] if current is not None else None)
    return copies


def _use(conversation: Conversation, version: SystemPrompt | None) -> None:
    conversation.system_prompt = version
    Conversation.objects.filter(pk=conversation.pk).update(
        system_prompt=version, system_prompt_count=conversation.system_prompt_count
    )
