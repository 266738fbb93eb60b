"""The model of a conversation from which the request of every dialect is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from playground.exceptions import PlaygroundError


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class MediaKind(StrEnum):
    IMAGE = "image"
    FILE = "file"
    AUDIO = "audio"
    VIDEO = "video"


# Kinds that some providers fetch from an address.
FETCHED = frozenset((MediaKind.IMAGE, MediaKind.AUDIO))


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a prompt: a base64 data URL, or an address that the provider fetches."""

    kind: MediaKind
    url: str
    name: str = ""

    @property
    def media_type(self) -> str:
        """Return the media type; it is empty for an address, whose type only the provider will know.

        >>> Attachment(MediaKind.IMAGE, "data:image/png;base64,AA==").media_type
        'image/png'
        """
        if not self.is_inline:
            return ""
        return self.url[len("data:") :].partition(",")[0].partition(";")[0].lower()

    @property
    def base64(self) -> str:
        return self.url.partition(",")[2] if self.is_inline else ""

    @property
    def is_inline(self) -> bool:
        return self.url.startswith("data:")


Part = Text | Attachment


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool in an answer.

    ``arguments`` is the text that the model wrote: JSON, which may be broken, or plain text for a call
    of the type ``custom``.
    """

    id: str
    name: str
    arguments: str
    type: str = "function"


@dataclass(frozen=True, slots=True)
class Turn:
    """A message. ``reasoning`` and ``opaque`` belong to answers, ``call_id`` to results of tools.

    ``opaque`` holds data that must go back unread, as ``playground.upstream.events.ReasoningOpaque``
    brought it. Leave it out where another model wrote the answer: only its writer can read it.
    """

    role: Role
    parts: tuple[Part, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    reasoning: str = ""
    opaque: tuple[dict[str, Any], ...] = ()
    call_id: str = ""
    is_error: bool = False
    # The provider's id of a spoken answer, whose words are the text.
    audio_id: str = ""
    # The beginning of the next answer, which the model continues.
    is_prefill: bool = False

    @property
    def text(self) -> str:
        return "\n\n".join(part.text for part in self.parts if isinstance(part, Text) and part.text)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(part for part in self.parts if isinstance(part, Attachment))


Transcript = tuple[Turn, ...]


class TranscriptRefused(PlaygroundError):
    """The model cannot be sent this conversation; the message is a sentence for the user."""


class Separated(NamedTuple):
    """The text of the system prompts, and the other turns."""

    instructions: str
    turns: Transcript


def sendable(transcript: Transcript) -> Transcript:
    """Drop turns that every upstream refuses: empty answers, calls without result, results without call."""
    kept: list[Turn] = []
    for place, turn in enumerate(transcript):
        if turn.role is Role.ASSISTANT:
            turn = _with_answered_calls(turn, _results_after(transcript, place))
            if not (turn.text or turn.tool_calls):
                continue
        elif turn.role is Role.TOOL and turn.call_id not in _open_calls(kept):
            continue
        kept.append(turn)
    return tuple(kept)


def without_instructions(turns: Transcript) -> Separated:
    """Take the system prompts out and join them in their order."""
    found = [turn.text for turn in turns if turn.role is Role.SYSTEM and turn.text]
    return Separated("\n\n".join(found), tuple(turn for turn in turns if turn.role is not Role.SYSTEM))


def result_with_error(turn: Turn) -> Turn:
    """Mark a failed call in the text of its result, for dialects that have no field for failures."""
    if not turn.is_error or turn.text.lower().startswith("error"):
        return turn
    return replace(
        turn, parts=(Text(f"Error: {turn.text}"), *(p for p in turn.parts if not isinstance(p, Text)))
    )


def _with_answered_calls(turn: Turn, results: set[str]) -> Turn:
    answered = tuple(call for call in turn.tool_calls if call.id in results)
    return turn if len(answered) == len(turn.tool_calls) else replace(turn, tool_calls=answered)


def _results_after(transcript: Transcript, place: int) -> set[str]:
    found: set[str] = set()
    for turn in transcript[place + 1 :]:
        if turn.role is not Role.TOOL:
            break
        found.add(turn.call_id)
    return found


def _open_calls(kept: list[Turn]) -> set[str]:
    """Return the ids of the calls of the last answer that have no result yet."""
    answered: set[str] = set()
    for turn in reversed(kept):
        if turn.role is Role.TOOL:
            answered.add(turn.call_id)
        elif turn.role is Role.ASSISTANT:
            return {call.id for call in turn.tool_calls} - answered
        else:
            break
    return set()
