from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.flows.open_setup import OpenedSetup, Setup, open_setup
from chat.prompts.filling import filled
from playground.upstream.dialects.shared.transcript import Attachment, MediaKind, Role, Text, ToolCall, Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import Membership
    from chat.media import Media
    from chat.prompts.content import PromptContent
    from chat.prompts.filling import FilledMessage, FilledPrompt
    from playground.models import Endpoint


def use_prompt(
    membership: Membership,
    content: PromptContent,
    endpoint: Endpoint,
    parameters: dict[str, Any],
    texts: Mapping[str, str],
    files: Mapping[str, Media],
    name: str,
) -> OpenedSetup:
    """Open a filled prompt in a new chat, with the model and the parameters that were checked for it.

    Nothing is sent. ``texts`` and ``files`` are the values by variable.

    :raises MediaRefused: the member has too many unsent files; nothing is stored.
    """
    found = filled(content, texts)
    attachments = {each: Attachment(MediaKind(files[each].kind), f"variable:{each}") for each in files}
    turns = turns_of(found, attachments)
    last = turns.pop() if turns and turns[-1].role is Role.USER else Turn(Role.USER)
    setup = Setup(
        endpoint,
        parameters,
        found.system,
        tuple(turns),
        last.text,
        {"from": f"the prompt {name}", "model": content.model},
        attachments=last.attachments,
        files={attachments[each]: files[each] for each in files},
    )
    return open_setup(membership, setup)


def turns_of(found: FilledPrompt, attachments: Mapping[str, Attachment]) -> list[Turn]:
    """Return the messages of a filled prompt, with the attachments that its files stand for."""
    return [_turn(each, attachments) for each in found.messages]


def _turn(filled_message: FilledMessage, attachments: Mapping[str, Attachment]) -> Turn:
    message = filled_message.message
    kept = tuple(attachments[name] for name in filled_message.files if name in attachments)
    calls = tuple(
        ToolCall(
            call.get("id", ""),
            call.get("name", ""),
            call.get("arguments", ""),
            call.get("type") or "function",
        )
        for call in message.tool_calls
    )
    return Turn(
        Role(message.role.value),
        (*kept, *((Text(message.text),) if message.text else ())),
        tool_calls=calls,
        call_id=message.call_id,
        is_error=message.is_error,
    )
