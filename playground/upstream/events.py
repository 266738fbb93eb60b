"""Events of a run, the same for every upstream and dialect.

The same events are logged, relayed and rendered; ``encode_events`` is their only serialisation.
Logs outlive a version: a new field needs a default, and no field may change its meaning.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from playground.upstream.errors.exceptions import FailureKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.upstream.errors.exceptions import UpstreamError


class _Event(msgspec.Struct, frozen=True, tag_field="event", omit_defaults=True):
    pass


# These two come by the thousand and hold no reference that could form a cycle, so ``gc=False``.
class TextDelta(_Event, frozen=True, tag="text", gc=False):
    text: str
    choice: int = 0


class ReasoningDelta(_Event, frozen=True, tag="reasoning", gc=False):
    text: str
    choice: int = 0


class Prefilled(_Event, frozen=True, tag="prefilled"):
    """The beginning of the answer that was sent along, before anything of it came. No model wrote it."""

    text: str


class TextWasReasoning(_Event, frozen=True, tag="text_was_reasoning"):
    """The text of this choice so far was reasoning: the closing tag came without an opening one."""

    choice: int = 0


class ReasoningWasText(_Event, frozen=True, tag="reasoning_was_text"):
    """The last characters of this choice's reasoning are text: the tag before them was never closed."""

    characters: int
    choice: int = 0


class ReasoningOpaque(_Event, frozen=True, tag="reasoning_opaque"):
    """Encrypted or signed reasoning: never shown, but sent back unchanged with the next turn.

    A message keeps them in ``data["opaque_reasoning"]``, in their order. ``data`` is one of::

        {"type": "thinking", "thinking": …, "signature": …}    Anthropic; a block of its own in the answer.
        {"type": "redacted_thinking", "data": …}               The signature covers exactly these words.
        {"type": "reasoning", "id": …, "summary": [{"type": "summary_text", "text": …}],
         "encrypted_content": …}                               OpenAI's items of /v1/responses.
        {"type": "reasoning.encrypted", "data": …, "id", "format", "index"}   OpenRouter's details, and
        {"type": "reasoning.text", "text": …, "signature": …}                 reasoning.summary likewise.
        {"type": "tool_call", "id": …, "extra_content": {…}}   Google's signature of the call with that id.
        {"extra_content": {…}}                                 Google's, of an answer without calls.
        {"encrypted_content": …}                               ByteDance's.
        {"thinking_blocks": [one of Anthropic's two]}          LiteLLM's, of Claude behind chat completions.

    Fields that none of these needs are left out. Only the model that wrote an answer can open it.
    """

    data: dict[str, Any]
    choice: int = 0


class ToolCallDelta(_Event, frozen=True, tag="tool_call"):
    """``arguments`` add up; ``id``, ``name`` and ``type`` come once, with the first piece of an index.

    Calls of all choices count on from one another, so ``index`` alone names one.
    """

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    type: str = ""
    choice: int = 0


class HostedToolCall(_Event, frozen=True, tag="hosted_tool"):
    """A tool that the provider runs by itself while it answers; no result has to be sent.

    ``type`` is a web search, a piece of code, an MCP tool … in the provider's word. The same id
    comes again as the call goes on; fields that it names replace the earlier ones. ``results`` are
    those of a search, each with ``url`` and ``title``.
    """

    id: str
    type: str = ""
    name: str = ""
    # in_progress, completed or failed
    status: str = ""
    input: str = ""
    output: str = ""
    results: list[dict[str, str]] = msgspec.field(default_factory=list)


class Citation(_Event, frozen=True, tag="citation"):
    """Each source once. One without an address, such as an attached document, has a title."""

    url: str
    title: str = ""
    # The cited passage, or an excerpt of the source.
    quote: str = ""


class RefusalDelta(_Event, frozen=True, tag="refusal"):
    text: str
    choice: int = 0


class AudioDelta(_Event, frozen=True, tag="audio"):
    """``data`` is base64, to be decoded piece by piece: each piece is padded on its own."""

    data: str = ""
    transcript: str = ""


class AudioIdentified(_Event, frozen=True, tag="audio_id"):
    """The provider's id of a spoken answer, and the Unix time until which later requests may name it.

    https://platform.openai.com/docs/guides/audio
    """

    id: str
    expires_at: int


class ImageReceived(_Event, frozen=True, tag="image"):
    """A whole picture: ``data`` in base64, or the ``url`` of one that the provider keeps."""

    data: str = ""
    url: str = ""
    media_type: str = ""


class TokenLogprob(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A token, its log probability, and the likeliest others in its place."""

    token: str
    logprob: float
    others: list[tuple[str, float]] = []


class Logprobs(_Event, frozen=True, tag="logprobs"):
    """Those of the next tokens of a choice's text."""

    tokens: list[TokenLogprob]
    choice: int = 0


class UsageReported(_Event, frozen=True, tag="usage"):
    """Figures as reported; they often do not add up. The last one counts.

    Only ``input_tokens`` may be a sum of ours: it is all that was read, from a cache or not.
    """

    input_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    total_tokens: int | None
    raw: dict[str, Any]
    # Set for figures in the middle of a stream, such as the one token that opens an answer of Claude.
    # Those are not billed.
    is_partial: bool = False
    # Those of ``input_tokens`` that were read from the provider's cache, and those that were written to it.
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None


class CostReported(_Event, frozen=True, tag="cost"):
    credits: int | None
    usd: Decimal | None


class Identified(_Event, frozen=True, tag="identified"):
    """All ids known so far; ``model`` is what the upstream says it ran, often not what was asked for."""

    inference_id: str = ""
    response_id: str = ""
    model: str = ""


class Reported(_Event, frozen=True, tag="reported"):
    """Marks that the upstream put on the answer, in its own words; all known so far. The last one counts."""

    system_fingerprint: str = ""
    service_tier: str = ""
    # The reason for the end in the words of the provider behind a gateway.
    native_finish_reason: str = ""


class Finished(_Event, frozen=True, tag="finished"):
    """``reason`` in the upstream's own word: stop, length, tool_calls, end_turn …"""

    reason: str
    choice: int = 0


class Failed(_Event, frozen=True, tag="failed"):
    """``message`` for people; ``detail`` the upstream's own words; neither ever holds a key."""

    kind: FailureKind
    message: str
    status: int | None = None
    request_id: str = ""
    detail: str = ""
    # Seconds, if the provider named a time.
    retry_after: float | None = None

    @classmethod
    def from_error(cls, error: UpstreamError) -> Failed:
        return cls(error.kind, error.message, error.status, error.request_id, error.detail, error.retry_after)


class Retrying(_Event, frozen=True, tag="retrying"):
    """Nothing was generated, and the same request is sent again after ``seconds`` (0: now)."""

    kind: FailureKind
    seconds: int
    # The number of the coming try, and the most that are made.
    number: int
    most: int
    # The name of the provider that is asked, for people.
    provider: str = ""


class Awaited(_Event, frozen=True, tag="awaited"):
    """The answer was asked for whole, so nothing of it comes before all of it. The last one counts.

    ``state`` is the provider's word for that of a background answer: queued or in_progress.
    """

    state: str = ""


class Reached(_Event, frozen=True, tag="reached"):
    """The upstream's numbers of the first and the last event of a read: a stream can continue after one."""

    first: int
    last: int


class StartedOver(_Event, frozen=True, tag="started_over"):
    """All of the answer comes again, from its beginning: what came so far does not count."""


class Truncated(_Event, frozen=True, tag="truncated"):
    """The stream ended properly, but nothing in it said that the answer was whole."""


class Unreadable(_Event, frozen=True, tag="unreadable"):
    """The number of pieces of the stream so far that are no JSON. The last one counts."""

    pieces: int


class UnknownEvent(_Event, frozen=True, tag="unknown"):
    """Valid JSON of an unknown kind. Each name comes once, so that a new dialect shows in the log."""

    name: str = ""


Event = (
    TextDelta
    | Prefilled
    | ReasoningDelta
    | TextWasReasoning
    | ReasoningWasText
    | ReasoningOpaque
    | ToolCallDelta
    | HostedToolCall
    | Citation
    | RefusalDelta
    | AudioDelta
    | AudioIdentified
    | ImageReceived
    | Logprobs
    | UsageReported
    | CostReported
    | Identified
    | Reported
    | Finished
    | Failed
    | Retrying
    | Awaited
    | Reached
    | StartedOver
    | Truncated
    | Unreadable
    | UnknownEvent
)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[Event])


def encode_events(events: Sequence[Event]) -> bytes:
    return _encoder.encode(events)


def decode_events(data: bytes) -> list[Event]:
    """Decode the output of ``encode_events``; raise ``msgspec.DecodeError`` for anything else."""
    return _decoder.decode(data)
