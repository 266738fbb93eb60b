from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.attach import attach
from chat.flows.open_run import Choice, Send, locked, open_run, refuse_while_pending, run_idempotently
from chat.live import broadcast
from chat.models import Conversation, Message, StoredFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User, Workspace
    from chat.models import Run

TITLE_CHARACTERS = 60


def send_prompt(
    conversation: Conversation,
    user: User,
    text: str,
    choice: Choice,
    key: UUID,
    attachments: Sequence[UUID] = (),
) -> Run:
    """Add a prompt to the end of the branch and open the run that answers it.

    The same key again gives the same run, started or ended, and stores nothing.

    :raises IdempotencyConflict, AnswerPending, AttachmentGone, BodyInvalid, TranscriptRefused,
        LimitReached, ConversationGone: nothing is stored.
    """
    send = Send.of(key, conversation.code, text, choice.endpoint.pk, choice.parameters, *attachments)
    return run_idempotently(user, send, partial(_send, conversation, user, text, choice, send, attachments))


def start_conversation(
    workspace: Workspace,
    user: User,
    text: str,
    choice: Choice,
    key: UUID,
    attachments: Sequence[UUID] = (),
) -> Run:
    """Open a conversation with its first prompt. Errors as in :func:`send_prompt`."""
    send = Send.of(key, workspace.slug, text, choice.endpoint.pk, choice.parameters, *attachments)

    def start() -> Run:
        title = title_of(text or _name_of(attachments, user))
        conversation = Conversation.objects.create(workspace=workspace, owner=user, title=title)
        return _send(conversation, user, text, choice, send, attachments)

    return run_idempotently(user, send, start)


def title_of(prompt: str) -> str:
    """A title from the first line of a prompt, cut at a word.

    >>> title_of("  Write a haiku\\nabout rain")
    'Write a haiku'
    """
    line = next((line.strip() for line in prompt.splitlines() if line.strip()), "New chat")
    if len(line) <= TITLE_CHARACTERS:
        return line
    return line[:TITLE_CHARACTERS].rsplit(" ", 1)[0] + "…"


def _name_of(attachments: Sequence[UUID], user: User) -> str:
    names = StoredFile.objects.filter(code__in=attachments[:1], uploader=user).values_list("name", flat=True)
    return next(iter(names), "")


def _send(
    conversation: Conversation,
    user: User,
    text: str,
    choice: Choice,
    send: Send,
    attachments: Sequence[UUID],
) -> Run:
    # Two prompts from two tabs come one after the other.
    conversation = locked(conversation)
    refuse_while_pending(conversation)
    prompt = Message.objects.create(
        conversation=conversation,
        parent_id=conversation.head_id,
        role=Message.Role.USER,
        text=text,
        author=user,
    )
    attach(prompt, user, attachments)
    run = open_run(conversation, user, prompt, choice, send)
    transaction.on_commit(partial(broadcast.announce, conversation.code))
    return run
