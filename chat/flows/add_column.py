"""New columns of a comparison: empty ones, and copies of others."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from chat.exceptions import ColumnsFull, ConversationGone
from chat.flows.copy_messages import copy_messages
from chat.flows.lock_conversation import lock_conversation, lock_idle_conversation
from chat.flows.select_model import select_model
from chat.flows.set_system_prompt import copy_versions
from chat.live import broadcast
from chat.models import MOST_COLUMNS, Conversation, Share
from chat.transcript import branch

if TYPE_CHECKING:
    from accounts.models import User
    from chat.flows.build_request import Choice


@transaction.atomic
def add_column(entry: Conversation, user: User, choice: Choice | None) -> Conversation:
    """Add an empty column at the end of a comparison.

    :raises ColumnsFull, ConversationGone: nothing is stored.
    """
    entry = lock_conversation(entry)
    column = open_column(entry, entry.columns.count())
    if choice is not None:
        select_model(column, user, choice.endpoint, choice.parameters, sending=choice.sending)
    return column


@transaction.atomic
def duplicate_column(column: Conversation, user: User) -> Conversation:
    """Add a copy of a column beside it: its setting, its system prompts and the branch that it shows.

    :raises AnswerPending: an answer is still being written in it.
    :raises ColumnsFull, ConversationGone: nothing is stored.
    """
    entry = lock_entry(column)
    source = lock_idle_conversation(column)
    return copy_into(entry, source, source.column_place + 1)


def copy_into(entry: Conversation, source: Conversation, place: int) -> Conversation:
    """Copy a conversation to a new column. Call it in a transaction that has locked both.

    :raises ColumnsFull: nothing is stored.
    """
    copy = open_column(entry, place)
    fill_from(source, copy)
    return copy


def fill_from(source: Conversation, copy: Conversation) -> None:
    """Give an empty conversation the setting, the system prompts and the branch of another one.

    Call it in a transaction that has locked the source.
    """
    copy.adopt(source)
    copy.prompt_text = ""
    copy.save()
    versions = copy_versions(source, copy)
    if source.head_id is not None:
        copy.head = copy_messages(branch(source, source.head_id), copy, None, versions)[-1]
        copy.save(update_fields=["head"])


def open_column(entry: Conversation, place: int) -> Conversation:
    """Store an empty column at a place. Call it in a transaction that has locked the entry.

    :raises ColumnsFull: nothing is stored.
    """
    if entry.columns.count() >= MOST_COLUMNS:
        raise ColumnsFull
    entry.columns.filter(column_place__gte=place).update(column_place=F("column_place") + 1)
    column = Conversation.objects.create(
        workspace_id=entry.workspace_id,
        owner_id=entry.owner_id,
        workspace_access=entry.workspace_access,
        title=entry.title,
        is_title_chosen=entry.is_title_chosen,
        column_of=entry,
        column_place=place,
        is_blind=entry.is_blind,
    )
    shares = Share.objects.filter(conversation=entry)
    Share.objects.bulk_create(
        Share(
            conversation=column,
            member_id=share.member_id,
            group_id=share.group_id,
            can_write=share.can_write,
        )
        for share in shares
    )
    mark_columns(entry)
    return column


def lock_entry(column: Conversation) -> Conversation:
    """Lock the entry of a column's comparison, before the column itself.

    :raises ConversationGone: the column was removed, or the comparison deleted.
    """
    if column.column_of is None:
        raise ConversationGone
    entry = lock_conversation(column.column_of)
    if not entry.columns.filter(pk=column.pk).exists():
        raise ConversationGone
    return entry


def mark_columns(entry: Conversation) -> None:
    """Count a change of the columns, and tell the pages that show them. An entry has no queue of its own."""
    Conversation.objects.filter(pk=entry.pk).update(queue_version=F("queue_version") + 1)
    transaction.on_commit(partial(broadcast.announce, entry.code))
