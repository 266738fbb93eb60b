"""The branch that a page shows, and the transcript of it that an upstream gets."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import BigIntegerField, Exists, OuterRef
from django.db.models.expressions import RawSQL

from accounts.prepared import prepared
from chat.files import read
from chat.models import Message, Run, StoredFile
from chat.references import placeholder
from playground.upstream.dialects.shared.transcript import (
    Attachment,
    MediaKind,
    Part,
    Role,
    Text,
    ToolCall,
    Transcript,
    TranscriptRefused,
    Turn,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

    from chat.models import Conversation
    from playground.models import UpstreamModel


class Tree:
    """The shape of a conversation's messages, read with one query and without their texts."""

    def __init__(self, conversation: Conversation) -> None:
        rows = _shape(conversation=conversation.pk)
        self._parent: dict[int, int | None] = {pk: parent for pk, parent, _ in rows}
        self._codes: dict[int, UUID] = {pk: code for pk, _, code in rows}
        self._children: dict[int | None, list[int]] = {}
        for pk, parent in self._parent.items():
            self._children.setdefault(parent, []).append(pk)

    def __contains__(self, pk: int) -> bool:
        return pk in self._parent

    def path(self, leaf: int | None) -> list[int]:
        """Return the messages from the first down to ``leaf``."""
        found: list[int] = []
        while leaf is not None and leaf in self._parent:
            found.append(leaf)
            leaf = self._parent[leaf]
        return found[::-1]

    def path_through(self, pk: int, head: int | None) -> list[int]:
        """Return the branch down to ``head`` if ``pk`` is on it, else the newest branch through ``pk``."""
        path = self.path(head)
        return path if pk in path else self.path(self.newest_leaf(pk))

    def siblings(self, pk: int) -> list[int]:
        """Return ``pk`` and its siblings, which are other answers or wordings, oldest first."""
        return self._children[self._parent[pk]]

    def code(self, pk: int) -> UUID:
        return self._codes[pk]

    def newest_leaf(self, pk: int) -> int:
        """Return the end of the newest branch below ``pk``."""
        while children := self._children.get(pk):
            pk = children[-1]
        return pk


@prepared(conversation=BigIntegerField())
def _shape(conversation: Any) -> QuerySet[Message, Any]:
    messages = Message.objects.filter(conversation_id=conversation).order_by("pk")
    return messages.values_list("pk", "parent_id", "code")


def branch(conversation: Conversation, leaf: int | None) -> list[Message]:
    """Load the messages from the first down to ``leaf``, in one query.

    Each has the attribute ``has_files``.
    """
    if not leaf:
        return []
    found = {message.pk: message for message in _branch(leaf=leaf, conversation=conversation.pk)}
    path = []
    while message := found.get(leaf or 0):
        path.append(message)
        leaf = message.parent_id
    return path[::-1]


@prepared(leaf=BigIntegerField(), conversation=BigIntegerField())
def _branch(leaf: Any, conversation: Any) -> QuerySet[Message]:
    table = Message._meta.db_table
    above = f"""
        WITH RECURSIVE above (id) AS (
            SELECT id FROM {table} WHERE id = %s AND conversation_id = %s
            UNION ALL
            SELECT {table}.parent_id FROM above JOIN {table} ON {table}.id = above.id
            WHERE {table}.parent_id IS NOT NULL
        )
        SELECT id FROM above
    """  # noqa: S608 - names of ours alone
    files = StoredFile.objects.filter(message=OuterRef("pk"))
    messages = Message.objects.filter(pk__in=RawSQL(above, [leaf, conversation]))  # noqa: S611 - likewise
    return messages.annotate(has_files=Exists(files))


def transcript_for(
    model: UpstreamModel,
    messages: Iterable[Message],
    files: Iterable[StoredFile] = (),
    system_text: str = "",
    spoken: Mapping[int, str] = MappingProxyType({}),
) -> Transcript:
    """Return the transcript that ``model`` gets of ``messages`` and of their ``files``.

    It begins with the system prompt ``system_text``, unless that is empty. Sealed reasoning goes only to
    the model that sealed it, since no other can open it. Files come before the text of their message, as
    placeholders of ``chat.references``. ``spoken`` are ids of answers: see ``chat.spoken``.

    :raises TranscriptRefused: an attached text file no longer exists.
    """
    messages = list(messages)
    attached: dict[int | None, list[StoredFile]] = {}
    for file in files:
        attached.setdefault(file.message_id, []).append(file)
    # No upstream accepts pictures or audio in an assistant's message, so those are left out.
    for message in messages:
        if message.role == Message.Role.ASSISTANT:
            attached.pop(message.pk, None)
    own = _answered_by(model, [message for message in messages if said_in(message).get("opaque_reasoning")])
    turns = (
        _turn(
            message,
            attached.get(message.pk, []),
            is_own=message.pk in own,
            audio_id=spoken.get(message.pk, ""),
        )
        for message in messages
    )
    return (*_instructions(system_text), *turns)


def _instructions(system_text: str) -> Transcript:
    return (Turn(Role.SYSTEM, (Text(system_text),)),) if system_text else ()


def _answered_by(model: UpstreamModel, answers: list[Message]) -> set[int]:
    """Return the keys of the answers that ``model`` wrote as they stand, and of their copies."""
    if not answers:
        return set()
    named = model.provider.code, model.model_id
    runs = Run.objects.filter(answer__in=answers, provider_code=named[0], model_id=named[1])
    copies = {
        answer.pk
        for answer in answers
        if (answer.provider_code, answer.model_id) == named and not answer.is_edited
    }
    return copies | set(runs.values_list("answer_id", flat=True))


def said_in(message: Message) -> dict[str, Any]:
    """Return the text, the reasoning and all other parts of a message, or of its chosen choice."""
    chosen: dict[str, Any] | None = message.data.get("choices", {}).get(message.data.get("chosen"))
    return chosen or {**message.data, "text": message.text, "reasoning": message.reasoning}


def _turn(message: Message, attached: list[StoredFile], *, is_own: bool, audio_id: str) -> Turn:
    said = said_in(message)
    # A model that declined or spoke needs to see that it did.
    text = said.get("text") or said.get("refusal") or said.get("transcript")
    return Turn(
        Role(message.role),
        (*(_part(file, message) for file in attached), *((Text(text),) if text else ())),
        tool_calls=calls_in(said),
        reasoning=said.get("reasoning", "") if is_own else "",
        opaque=tuple(said.get("opaque_reasoning", ())) if is_own else (),
        call_id=message.data.get("tool_call_id", ""),
        is_error=bool(message.data.get("is_error")),
        audio_id=audio_id,
    )


def calls_of(message: Message) -> tuple[ToolCall, ...]:
    """Return the tool calls of an answer, each with the id that its result has to name."""
    return calls_in(said_in(message))


def calls_in(said: dict[str, Any]) -> tuple[ToolCall, ...]:
    """Return the calls of an answer. Each has an id of its own: results need one to be told apart."""
    calls: dict[str, ToolCall] = {}
    for place, found in enumerate(said.get("tool_calls", ()), 1):
        call = _call(found, place)
        # Some servers give all calls the same id.
        while call.id in calls:
            call = replace(call, id=f"{call.id}_{place}")
        calls[call.id] = call
    return tuple(calls.values())


def _part(file: StoredFile, message: Message) -> Part:
    # Only a text file that a user attached becomes text; files that a model made stay files.
    if file.media_type != "text/plain" or message.role != Message.Role.USER:
        return Attachment(MediaKind(file.kind), placeholder(file), file.name)
    try:
        text = read(file).decode()
    except FileNotFoundError as error:
        raise TranscriptRefused(f"“{file.name}” is not on this server any more.") from error
    # The fence is longer than any run of backticks in the text.
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return Text(f"{file.name}:\n\n{fence}\n{text}\n{fence}")


def _call(call: dict[str, str], place: int) -> ToolCall:
    return ToolCall(
        # Some servers give calls no id.
        id=call.get("id") or f"call_{place}",
        name=call.get("name", ""),
        arguments=call.get("arguments", ""),
        type="custom" if call.get("type") == "custom" else "function",
    )
