"""The place of the system prompt at an endpoint, found out by writing a sample."""

from __future__ import annotations

from enum import StrEnum
from threading import Lock

from cachetools import LRUCache, cached

from playground.parameters.schema.translate import Schema
from playground.upstream.dialects.registry import dialect_of
from playground.upstream.dialects.shared.transcript import Role, Text, TranscriptRefused, Turn
from playground.upstream.dialects.shared.writing.accepts import MOST_CACHED, accepts
from playground.upstream.dialects.writing import write_transcript

_SYSTEM = Turn(Role.SYSTEM, (Text("system"),))
_PROMPT = Turn(Role.USER, (Text("prompt"),))


class SystemPlace(StrEnum):
    """The place of a system prompt in the requests of an endpoint."""

    # A role or a field.
    OWN = "own"
    IN_FRONT_OF_PROMPT = "in front"
    # The endpoint takes no text at all.
    NONE = "none"


@cached(LRUCache(MOST_CACHED), key=lambda kind, digest, schema: (kind, digest), lock=Lock())
def system_place(kind: str, digest: str, schema: Schema) -> SystemPlace:
    """Return the place of a system prompt.

    ``schema`` is plain JSON Schema, and ``digest`` the one of the published schema behind it.
    """
    accepted = accepts(digest, schema)
    name = dialect_of(kind).transcript
    try:
        plain = write_transcript(kind, accepted, (_PROMPT,), {})[name]
        under = write_transcript(kind, accepted, (_SYSTEM, _PROMPT), {})[name]
    except TranscriptRefused:
        return SystemPlace.NONE
    # A text instead of a list has everything in one.
    is_apart = under == plain or (isinstance(plain, list) and under[-1:] == plain)
    return SystemPlace.OWN if is_apart else SystemPlace.IN_FRONT_OF_PROMPT
