from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from chat.flows.attach import attach_to_wording
from chat.flows.copy_messages import writer_of
from chat.flows.rebuild_branch import open_branch
from chat.models import Message
from chat.transcript import said_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User

# The parts of an answer that stay with it when its words are changed. Sealed reasoning and probabilities
# belong to the words of the model, spoken words to their sound.
_KEPT = ("tool_calls", "citations", "hosted_tools", "images", "is_media_lost")


@transaction.atomic
def edit_message(
    message: Message, user: User, text: str, attachments: Sequence[UUID] | None = None
) -> Message:
    """Add another wording beside a message, with copies of all that follows; the old branch stays.

    A prompt keeps its files, unless ``attachments`` names others. Nothing is asked. The same words again
    change nothing. Return the message that is shown.

    :raises AnswerPending, AttachmentGone, ConversationGone: nothing is stored.
    """
    branch = open_branch(message)
    if text == said_in(branch.message).get("text", "") and attachments is None:
        return branch.message
    worded = new_wording(branch.message, user, text)
    if worded.role == Message.Role.USER:
        attach_to_wording(worded, branch.message, user, attachments)
    branch.show(worded, branch.below)
    return worded


def new_wording(message: Message, user: User, text: str) -> Message:
    """Store another wording beside a message; call it in a transaction that locks the conversation."""
    is_answer = message.role == Message.Role.ASSISTANT
    # The answer of a model is the original; an example that a person wrote is only worded otherwise.
    is_edited = is_answer and not message.is_example
    provider_code, model_id = writer_of(message) if is_edited else ("", "")
    worded = Message(
        conversation_id=message.conversation_id,
        parent_id=message.parent_id,
        role=message.role,
        text=text,
        reasoning=message.reasoning,
        data=_data(message) if is_answer else message.data,
        author=user,
        copied_from_id=(message.copied_from_id or message.pk) if is_edited else None,
        system_prompt_id=message.system_prompt_id,
        provider_code=provider_code,
        model_id=model_id,
        is_edited=is_edited,
        is_example=message.is_example,
    )
    worded.save(force_insert=True)
    return worded


def _data(message: Message) -> dict[str, Any]:
    """Return the parts of the chosen choice that an edited answer keeps."""
    said = {**message.data, **said_in(message)}
    return {name: said[name] for name in _KEPT if said.get(name)}
