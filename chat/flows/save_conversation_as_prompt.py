from __future__ import annotations

from typing import TYPE_CHECKING

from chat.models import Message
from chat.prompts.content import CALL_FIELDS, MessageRole, PromptContent, PromptMessage
from chat.prompts.validity import checked
from chat.transcript import branch, calls_of

if TYPE_CHECKING:
    from chat.models import Conversation


def content_of_conversation(conversation: Conversation, *, with_messages: bool = True) -> PromptContent:
    """Return what a prompt of a conversation would say: the branch in view, and the choice of the composer.

    Files stay behind, and so does reasoning. Without messages it is a preset.

    :raises ContentRefused: the conversation is too long for a prompt, or breaks another of its rules.
    """
    messages = branch(conversation, conversation.head_id) if with_messages else []
    model = conversation.model
    return checked(
        PromptContent(
            conversation.system_text,
            tuple(_message(each) for each in messages if _is_kept(each)),
            provider=model.provider.code if model else "",
            model=model.model_id if model else "",
            endpoint=conversation.endpoint_kind if model else "",
            parameters=conversation.parameters,
        )
    )


def _is_kept(message: Message) -> bool:
    """Return whether a message says anything: an answer that failed or has not begun does not."""
    return message.role != Message.Role.ASSISTANT or bool(message.text or message.data.get("tool_calls"))


def _message(message: Message) -> PromptMessage:
    if message.role == Message.Role.TOOL:
        call_id, failed = str(message.data.get("tool_call_id", "")), message.data.get("is_error") is True
        return PromptMessage(MessageRole.TOOL, message.text, call_id=call_id, is_error=failed)
    calls = calls_of(message) if message.role == Message.Role.ASSISTANT else ()
    plain = tuple({name: str(getattr(call, name)) for name in CALL_FIELDS} for call in calls)
    return PromptMessage(MessageRole(message.role), message.text, tool_calls=plain)
