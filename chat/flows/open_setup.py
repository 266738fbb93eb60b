from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from chat import files
from chat.flows.add_messages import add_messages
from chat.flows.find_attachment import written
from chat.flows.set_system_prompt import add_version
from chat.flows.store_upload import store_upload
from chat.media import MediaRefused
from chat.models import Conversation, Draft, Message, StoredFile
from chat.titles import title_of
from playground.upstream.dialects.shared.transcript import Role
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from accounts.models import Membership, User
    from chat.flows.find_attachment import FoundFile
    from playground.models import Endpoint
    from playground.parameters.schema.sending import Sending
    from playground.upstream.dialects.shared.transcript import Attachment, Transcript, Turn


@dataclass(frozen=True, slots=True)
class Setup:
    """A request before it is sent.

    ``parameters`` may contain names that the schema lacks: these are extra ones. ``earlier`` are the
    messages before the prompt, without system prompts, and ``attachments`` the files of the prompt.
    ``files`` has what was found for attachments, by ``find_attachment``; those without are left out.
    ``origin`` says where the messages come from, in the form of ``Message.data["imported"]``:
    {"from": "a curl command", "model": "gpt-4o"}.
    """

    endpoint: Endpoint
    parameters: dict[str, Any] = field(default_factory=dict)
    system_text: str = ""
    earlier: Transcript = ()
    prompt: str = ""
    origin: dict[str, str] = field(default_factory=dict)
    # None leaves how requests are sent as it is.
    sending: Sending | None = None
    attachments: tuple[Attachment, ...] = ()
    files: Mapping[Attachment, FoundFile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenedSetup:
    """Where a setup is now.

    ``conversation`` is None if it is in the draft, whose page then shows it at ``chat:new`` with ``?opened``.
    ``uploads`` are the codes of the prompt's files, which are not sent yet.
    """

    conversation: Conversation | None
    uploads: tuple[UUID, ...] = ()


def open_setup(membership: Membership, setup: Setup) -> OpenedSetup:
    """Put a setup into a new conversation of the member's, or, if that is empty, into their next chat.

    Nothing is sent.

    :raises MediaRefused: the member has too many unsent files; nothing is stored.
    """
    # The bytes are written first, so that the transaction is short.
    of_prompt = _written(membership, setup, setup.attachments)
    of_turns = [_written(membership, setup, turn.attachments) for turn in setup.earlier]
    try:
        with transaction.atomic():
            _lock_used(setup)
            conversation = _store(membership, setup, of_turns)
            for file in of_prompt:
                store_upload(membership, file)
    except BaseException:
        for file in (*of_prompt, *(each for turn in of_turns for each in turn)):
            files.remove_unused(file)
        raise
    return OpenedSetup(conversation, tuple(file.code for file in of_prompt))


def _written(membership: Membership, setup: Setup, attachments: Iterable[Attachment]) -> list[StoredFile]:
    return [written(membership, setup.files[each]) for each in attachments if each in setup.files]


def _lock_used(setup: Setup) -> None:
    """Keep the bytes of files that are used again until the transaction ends.

    :raises MediaRefused: one of them was deleted meanwhile.
    """
    used = [each.pk for each in setup.files.values() if isinstance(each, StoredFile) and each.pk]
    if used and len(StoredFile.objects.select_for_update().filter(pk__in=used)) < len(set(used)):
        raise MediaRefused("A file of this code was deleted meanwhile. Open the code again.")


def _store(membership: Membership, setup: Setup, of_turns: list[list[StoredFile]]) -> Conversation | None:
    workspace, user = membership.workspace, membership.user
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
    for message, kept in zip(messages, of_turns, strict=True):
        for place, file in enumerate(kept):
            file.message, file.place = message, place
            file.save()
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
