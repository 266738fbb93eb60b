"""Other branches of a conversation: a prompt worded differently, an answer given again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.attach import attach_to_wording
from chat.flows.open_run import Choice, Send, locked, open_run, refuse_while_pending, run_idempotently
from chat.live import broadcast
from chat.models import Conversation, Message
from chat.transcript import Tree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User
    from chat.models import Run


def edit_prompt(
    prompt: Message,
    user: User,
    text: str,
    choice: Choice,
    key: UUID,
    attachments: Sequence[UUID] | None = None,
) -> Run:
    """Put another wording beside ``prompt`` and answer that; the old branch stays.

    It has the same files, unless ``attachments`` names others, or fewer.

    :raises IdempotencyConflict, AnswerPending, AttachmentGone, BodyInvalid, TranscriptRefused,
        LimitReached, ConversationGone: nothing is stored.
    """
    named = () if attachments is None else ("files", *attachments)
    send = Send.of(key, prompt.code, text, choice.endpoint.pk, choice.parameters, *named)

    def edit() -> Run:
        conversation = locked(prompt.conversation)
        worded = Message.objects.create(
            conversation=conversation,
            parent_id=prompt.parent_id,
            role=Message.Role.USER,
            text=text,
            author=user,
        )
        attach_to_wording(worded, prompt, user, attachments)
        return _open(conversation, user, worded, choice, send)

    return run_idempotently(user, send, edit)


def regenerate_answer(answer: Message, user: User, choice: Choice, key: UUID) -> Run:
    """Put another answer beside ``answer``. Errors as in :func:`edit_prompt`."""
    prompt = answer.parent
    if prompt is None:
        raise ValueError("An answer without a prompt cannot be given again.")
    send = Send.of(key, answer.code, choice.endpoint.pk, choice.parameters)
    return run_idempotently(
        user, send, lambda: _open(locked(answer.conversation), user, prompt, choice, send)
    )


def show_sibling(message: Message) -> None:
    """Turn to the branch that ``message`` is on, down to what was last written there."""
    conversation = message.conversation
    leaf = Tree(conversation).newest_leaf(message.pk)
    Conversation.objects.filter(pk=conversation.pk).update(head=leaf)
    conversation.head_id = leaf
    broadcast.announce(conversation.code)


def _open(conversation: Conversation, user: User, prompt: Message, choice: Choice, send: Send) -> Run:
    refuse_while_pending(conversation)
    run = open_run(conversation, user, prompt, choice, send)
    transaction.on_commit(partial(broadcast.announce, conversation.code))
    return run
