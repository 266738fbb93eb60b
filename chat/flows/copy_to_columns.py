"""Copying from one column of a comparison to others: its system prompt, its parameters, or its messages."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from chat.flows.add_column import lock_entry
from chat.flows.copy_messages import copy_messages
from chat.flows.lock_conversation import lock_idle_conversation
from chat.flows.select_model import select_model
from chat.flows.set_system_prompt import set_system_prompt
from chat.live import broadcast
from chat.models import Conversation, SystemPrompt
from chat.transcript import branch
from playground.access import endpoint_of
from playground.carrying import Choices, carry_to

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from accounts.models import User
    from chat.models import Message


class CopiedPart(StrEnum):
    """The part of a column that is copied."""

    SYSTEM = "system"
    PARAMETERS = "parameters"
    MESSAGES = "messages"


@transaction.atomic
def copy_to_columns(column: Conversation, user: User, part: CopiedPart, to: Collection[UUID]) -> int:
    """Copy a part of a column to those with these codes; return how many were changed.

    Columns that are gone are left out. Parameters are translated to each model, as far as its schema accepts
    them. Messages become another version of the branch, below which the messages of before stay.

    :raises AnswerPending: an answer is still being written in one of these columns.
    :raises ConversationGone: nothing is stored.
    """
    entry = lock_entry(column)
    concerned = entry.columns.filter(code__in={column.code, *to}).order_by("pk")
    locked = {each.pk: lock_idle_conversation(each) for each in concerned}
    source = locked.pop(column.pk)
    copy = {CopiedPart.SYSTEM: _system, CopiedPart.PARAMETERS: _parameters, CopiedPart.MESSAGES: _messages}[
        part
    ]
    for target in locked.values():
        copy(source, target, user)
        transaction.on_commit(partial(broadcast.announce, target.code))
    return len(locked)


def _system(source: Conversation, target: Conversation, user: User) -> None:
    set_system_prompt(target, user, source.system_text)


def _parameters(source: Conversation, target: Conversation, user: User) -> None:
    endpoint = endpoint_of(target.model, target.endpoint_kind) if target.model else None
    if endpoint is None:
        return
    carried = carry_to(endpoint, Choices(source.parameters, source.endpoint_kind))
    select_model(target, user, endpoint, carried.kept, set_aside={}, sending=source.sending)


def _messages(source: Conversation, target: Conversation, user: User) -> None:
    if source.head_id is None:
        return
    path = branch(source, source.head_id)
    copies = copy_messages(path, target, None, _versions(path, target))
    Conversation.objects.filter(pk=target.pk).update(head=copies[-1], updated_at=now())


def _versions(path: list[Message], target: Conversation) -> dict[int, SystemPrompt]:
    """Store the system prompts of the copied answers with the target, which keeps its current one."""
    used = {message.system_prompt_id for message in path if message.system_prompt_id is not None}
    versions = {}
    for version in SystemPrompt.objects.filter(pk__in=used).order_by("number"):
        target.system_prompt_count += 1
        versions[version.pk] = SystemPrompt.objects.create(
            conversation=target,
            number=target.system_prompt_count,
            text=version.text,
            author_id=version.author_id,
        )
    Conversation.objects.filter(pk=target.pk).update(system_prompt_count=target.system_prompt_count)
    return versions
