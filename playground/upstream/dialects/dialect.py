"""The description of a dialect: all that differs from one kind of endpoint to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from playground.upstream.dialects.shared.parameters.tools import ToolShapes
    from playground.upstream.dialects.shared.transcript import Transcript
    from playground.upstream.dialects.shared.writing.accepts import Accepts
    from playground.upstream.events import Event
    from playground.upstream.sse import ServerSentEvent

Schema = dict[str, Any]


class Normaliser(Protocol):
    """The reader of one answer. ``feed`` and ``feed_body`` never raise, whatever the upstream sent."""

    is_done: bool
    has_failed: bool
    # True if the cost in the usage is what this provider charges, in dollars.
    costs_are_in_usd: bool
    # Payloads that were no JSON, and those of an unknown shape.
    invalid_payloads: int
    unknown_payloads: int

    @property
    def is_whole(self) -> bool: ...

    def feed(self, event: ServerSentEvent) -> list[Event]: ...

    def feed_body(self, found: dict[str, Any]) -> list[Event]: ...

    def close(self) -> list[Event]: ...


class NormaliserFactory(Protocol):
    def __call__(self, *, inference_id: str) -> Normaliser: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The description of a kind of endpoint: its requests, its answers and its names elsewhere."""

    # The path below an upstream's base URL. Rows, recordings and pages know the endpoint by it.
    kind: str
    # The name that people read, on every page.
    label: str
    normaliser: NormaliserFactory
    # The function that makes the fields of a body for a transcript. It may raise TranscriptRefused.
    write: Callable[[Accepts, Transcript], dict[str, Any]]
    # The property of a body that holds the messages, and the one that may hold the system prompt.
    transcript: str
    instructions: str
    # The function that makes the schema of the property ``transcript`` from the schemas of a message.
    transcript_schema: Callable[[list[Schema]], Schema]
    # The limit of the answer's length without which the dialect has no request.
    needs_length: str = ""
    # The shapes of the parameters "tools" and "tool_choice".
    tools: ToolShapes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    # True if an answer can be fetched again by its id, at ``<kind>/<id>``, and cancelled there.
    keeps_answers: bool = False
    # Words of a type in a provider's list of models that stand for this dialect, and those that rule it out.
    listed_as: frozenset[str] = frozenset()
    never_listed_as: frozenset[str] = frozenset()

    def is_listed_as(self, words: set[str]) -> bool:
        """Return whether a model whose type consists of these words is called at this endpoint."""
        return bool(words & self.listed_as) and not words & self.never_listed_as

    def parameters_of(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body without the model, the transcript and the options for streaming."""
        others = {self.transcript, self.instructions, "model", "stream", "stream_options"}
        return {name: value for name, value in body.items() if name not in others}
