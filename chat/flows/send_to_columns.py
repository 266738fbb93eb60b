"""A prompt to several columns of a comparison, in one transaction: all of them are sent it, or none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid5

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts import keys, ledger
from accounts.exceptions import LimitReached
from accounts.folding import fold
from accounts.inserting import insert
from chat import files
from chat.exceptions import (
    AttachmentGone,
    ColumnRefused,
    ConversationGone,
    IdempotencyConflict,
    PromptRefused,
)
from chat.flows.attach import attach
from chat.flows.lock_conversation import lock_conversation, lock_idle_conversation
from chat.flows.open_run import open_run
from chat.flows.run_idempotently import Submission, earlier_run
from chat.live import broadcast
from chat.models import Conversation, Message
from chat.titles import title_of
from playground.parameters.form.body import BodyInvalid
from playground.upstream.dialects import TranscriptRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User
    from chat.flows.build_request import Choice
    from chat.models import Run, StoredFile


@dataclass(frozen=True, slots=True)
class ToColumn:
    """A column that is sent the prompt, and the choice that its model is asked with."""

    column: Conversation
    choice: Choice


def send_to_columns(
    entry: Conversation,
    user: User,
    text: str,
    parts: Sequence[ToColumn],
    key: UUID,
    attachments: Sequence[UUID] = (),
) -> list[Run]:
    """Add a prompt to columns of a comparison, and open a run for each; their holds are granted together.

    The same key again returns the same runs, and stores nothing.

    :raises ColumnRefused: a column refuses the prompt or a limit its hold; nothing is stored or held.
    :raises IdempotencyConflict, AttachmentGone, ConversationGone: nothing is stored.
    """
    clicks = [_Click.of(part, text, key, attachments) for part in parts]
    if runs := _earlier(user, clicks):
        return runs
    try:
        with transaction.atomic():
            return _send(entry, user, text, clicks, attachments)
    except (IntegrityError, AttachmentGone, ColumnRefused):
        # The second of two simultaneous clicks may have run into the first.
        if runs := _earlier(user, clicks):
            return runs
        raise


@dataclass(frozen=True, slots=True)
class _Click:
    """The part of a click that concerns one column. Its key is derived from the page's key."""

    column: Conversation
    choice: Choice
    submission: Submission

    @classmethod
    def of(cls, part: ToColumn, text: str, key: UUID, attachments: Sequence[UUID]) -> _Click:
        code = part.column.code
        submission = Submission.of(uuid5(key, str(code)), code, text, *part.choice.content, *attachments)
        return cls(part.column, part.choice, submission)


def _earlier(user: User, clicks: list[_Click]) -> list[Run] | None:
    """Return the runs that the same click has opened.

    :raises IdempotencyConflict: it opened them for other columns, or the key belongs to another prompt.
    """
    found = [earlier_run(user, click.submission) for click in clicks]
    runs = [run for run in found if run is not None]
    if runs and len(runs) < len(clicks):
        raise IdempotencyConflict
    return runs or None


def _send(
    entry: Conversation, user: User, text: str, clicks: list[_Click], attachments: Sequence[UUID]
) -> list[Run]:
    entry = lock_conversation(entry)
    locked = _lock_columns(entry, clicks)
    _lock_limits(entry, user, clicks)
    _name(entry, text)
    runs: list[Run] = []
    uploads: list[StoredFile] = []
    for click in clicks:
        column = locked[click.column.pk]
        prompt = insert(
            Message(
                conversation=column,
                parent_id=column.head_id,
                role=Message.Role.USER,
                text=text,
                author=user,
            )
        )
        if runs:
            # The columns share the bytes of the files.
            for file in uploads:
                files.again(file, prompt, file.place)
        else:
            attach(prompt, user, attachments)
            uploads = list(prompt.files.all()) if attachments else []
        try:
            runs.append(open_run(column, user, prompt, click.choice, click.submission))
        except (BodyInvalid, LimitReached, PromptRefused, TranscriptRefused) as refusal:
            raise ColumnRefused(column.code, refusal) from refusal
    return runs


def _lock_columns(entry: Conversation, clicks: list[_Click]) -> dict[int, Conversation]:
    """Lock the columns in the order of their keys, so that two people who send at once do it in turn.

    :raises ColumnRefused: one is gone by now, or an answer is still being written in it.
    """
    locked = {}
    for click in sorted(clicks, key=lambda click: click.column.pk):
        try:
            column = lock_idle_conversation(click.column)
            if column.column_of_id != entry.pk:
                raise ConversationGone
        except (ConversationGone, PromptRefused) as refusal:
            raise ColumnRefused(click.column.code, refusal) from refusal
        column.workspace = entry.workspace
        locked[column.pk] = column
    return locked


def _lock_limits(entry: Conversation, user: User, clicks: list[_Click]) -> None:
    models = {click.choice.endpoint.model_id: click.choice.endpoint.model for click in clicks}.values()
    key_of = partial(keys.resolve, entry.workspace, user)
    targets = [
        ledger.Target(code := model.provider.code, model.model_id, key_of(code, model.model_id))
        for model in models
    ]
    ledger.lock_windows(entry.workspace, user, targets)


def _name(entry: Conversation, text: str) -> None:
    """Name a comparison after its first prompt, and move it up in the lists."""
    named = {}
    earlier = Message.objects.filter(conversation__column_of=entry)
    if text and not entry.is_title_chosen and not earlier.exists():
        title = title_of(text)
        named = {"title": title, "folded_title": fold(title)}
        entry.columns.update(**named)
    Conversation.objects.filter(pk=entry.pk).update(updated_at=now(), **named)
    transaction.on_commit(partial(broadcast.announce, entry.code))
