"""The seam between the dialects of upstreams and our events: one normaliser for each kind of endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from playground.upstream.dialects.chat_completions.read import ChatCompletionsNormaliser
from playground.upstream.dialects.messages.read import MessagesNormaliser
from playground.upstream.dialects.responses.read import ResponsesNormaliser
from playground.upstream.errors.exceptions import EndpointNotSupported

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.upstream.events import Event
    from playground.upstream.sse import ServerSentEvent

__all__ = ["Normaliser", "ensure_supported", "normaliser_for", "readable_kinds"]


class Normaliser(Protocol):
    """Reads one answer. ``feed`` and ``feed_body`` never raise, whatever the upstream sent."""

    is_done: bool
    has_failed: bool
    # Payloads that were no JSON, and those that meant nothing to us.
    invalid_payloads: int
    unknown_payloads: int

    @property
    def is_whole(self) -> bool: ...

    def feed(self, event: ServerSentEvent) -> list[Event]: ...

    def feed_body(self, found: dict[str, Any]) -> list[Event]: ...

    def close(self) -> list[Event]: ...


_NORMALISERS: dict[str, Callable[[str], Normaliser]] = {
    "chat/completions": lambda inference_id: ChatCompletionsNormaliser(inference_id=inference_id),
    "responses": lambda inference_id: ResponsesNormaliser(inference_id=inference_id),
    "messages": lambda inference_id: MessagesNormaliser(inference_id=inference_id),
}


def readable_kinds() -> frozenset[str]:
    """The kinds of endpoints whose answers we can read."""
    return frozenset(_NORMALISERS)


def ensure_supported(endpoint: str) -> None:
    """Raise ``EndpointNotSupported`` for kinds of endpoints whose answers we cannot read."""
    if endpoint not in _NORMALISERS:
        raise EndpointNotSupported(endpoint)


def normaliser_for(endpoint: str, *, inference_id: str = "") -> Normaliser:
    """Raise ``EndpointNotSupported``."""
    ensure_supported(endpoint)
    return _NORMALISERS[endpoint](inference_id)
