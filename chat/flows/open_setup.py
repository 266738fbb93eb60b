from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from chat.flows.add_messages import add_messages
from chat.flows.set_system_prompt import add_version
from chat.models import Conversation, Draft, Message
from chat.titles import title_of
from playground.upstream.dialects.shared.transcript import Role
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from playground.models import Endpoint
    from playground.parameters.schema.sending import Sending
    from playground.upstream.dialects.shared.transcript import Transcript, Turn


@dataclass(frozen=True, slots=True)
class Setup:
    """A request before it is sent.

    ``parameters`` may contain names that the schema lacks: these are extra ones. ``earlier`` are the
    messages before the prompt, without system prompts. ``origin`` says where they come from, in the form
    of ``Message.data["imported"]``: {"from": "a curl command", "model": "gpt-4o"}.
    """

    endpoint: Endpoint
    parameters: dict[str, Any] = field(default_factory=dict)
    system_text: str = ""
    earlier: Transcript = ()
    prompt: str = ""
    origin: dict[str, str] = field(default_factory=dict)
    # None leaves how requests are sent as it is.
    sending: Sending | None = None


@transaction.atomic
def open_setup(workspace: Workspace, user: User, setup: Setup) -> Conversation | None:
    """Put a setup into a new conversation of the user's, or, without earlier messages, into their next chat.

    Nothing is sent. Return the conversation; None if the setup is in the draft, whose page then shows it
    at ``chat:new`` with ``?opened``.
    """
    prompt_text, system_text = storable(setup.prompt), storable(setup.system_text)
    if not setup.earlier:
        draft = Draft(user=user, workspace=workspace)
        chosen = draft.take(setup.endpoint, storable(setup.parameters), {}, setup.sending)
        draft.store({**chosen, "prompt_text": prompt_text, "system_text": system_text, "is_system_set": True})
        return None
    asked = next((turn.text for turn in setup.earlier if turn.role is Role.USER and turn.text), setup.prompt)
    title = title_of(storable(asked))
    conversation = Conversation(workspace=workspace, owner=user, title=title, prompt_text=prompt_text)
    conversation.take(setup.endpoint, storable(setup.parameters), {}, setup.sending)
    conversation.save()
    if system_text:
        add_version(conversation, user, system_text)
    messages = _messages(setup, user)
    add_messages(conversation, messages, [None, *range(len(messages) - 1)])
    conversation.head = messages[-1]
    conversation.save(update_fields=["head"])
    return conversation


def _messages(setup: Setup, user: User) -> list[Message]:
    names = {call.id: call.name for turn in setup.earlier for call in turn.tool_calls}
    return [_message(turn, user, names, setup.origin) for turn in setup.earlier]


def _message(turn: Turn, user: User, names: dict[str, str], origin: dict[str, str]) -> Message:
    data: dict[str, Any] = {}
    if turn.role is Role.ASSISTANT:
        data["imported"] = origin
        if turn.tool_calls:
            data["tool_calls"] = [
                {"id": call.id, "name": call.name, "arguments": call.arguments, "type": call.type}
                for call in turn.tool_calls
            ]
    if turn.role is Role.TOOL:
        data = {"tool_call_id": turn.call_id, "name": names.get(turn.call_id, "")}
        if turn.is_error:
            data["is_error"] = True
    return Message(
        role=turn.role.value,
        text=storable(turn.text),
        reasoning=storable(turn.reasoning),
        data=storable(data),
        author=None if turn.role is Role.ASSISTANT else user,
    )
