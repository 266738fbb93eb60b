"""The registry of dialects. Every other module asks here which kinds of endpoints there are.

A new dialect is described as a :class:`~playground.upstream.dialects.dialect.Dialect` in a folder of its own,
and registered below with one line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.parameters.schema.envelope import reserve
from playground.upstream.dialects import chat_completions, messages, responses
from playground.upstream.errors.exceptions import EndpointNotSupported

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.upstream.dialects.dialect import Dialect, Normaliser

# The endpoint of models about which their provider says nothing.
DEFAULT = chat_completions.DIALECT

DIALECTS: dict[str, Dialect] = {}


def register(dialect: Dialect) -> None:
    """Add a dialect. Pages and messages list the dialects in the order in which they were added."""
    DIALECTS[dialect.kind] = dialect
    reserve(dialect.transcript, dialect.instructions)


register(chat_completions.DIALECT)
register(responses.DIALECT)
register(messages.DIALECT)


def dialects() -> tuple[Dialect, ...]:
    return tuple(DIALECTS.values())


def endpoint_kinds() -> tuple[str, ...]:
    return tuple(DIALECTS)


def dialect_of(kind: str) -> Dialect:
    """Return the dialect of that kind of endpoint; raise ``EndpointNotSupported`` if there is none."""
    if kind not in DIALECTS:
        raise EndpointNotSupported(kind)
    return DIALECTS[kind]


def normaliser_for(kind: str, *, inference_id: str = "") -> Normaliser:
    """Return a new reader of one answer; raise ``EndpointNotSupported``."""
    return dialect_of(kind).normaliser(inference_id=inference_id)


def transcript_properties() -> tuple[str, ...]:
    """Return the properties that hold the messages in any dialect, each once."""
    return _once(dialect.transcript for dialect in dialects())


def written_properties() -> tuple[str, ...]:
    """Return the properties that hold the messages or the system prompt in any dialect, each once."""
    return _once(name for each in dialects() for name in (each.instructions, each.transcript))


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
