"""The request schemas of models whose provider a workspace added.

These providers publish no document, so their models begin with schemas of our own: what servers that offer an
endpoint have in common.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.parameters.schema.request_schema import digest_of
from playground.upstream.dialects import registry

if TYPE_CHECKING:
    from playground.models import Provider

SOURCE = "generic"
_DATA = Path(__file__).parent / "data"
_FILES = {
    "chat/completions": "generic_chat.json",
    "responses": "generic_responses.json",
    "messages": "generic_messages.json",
}


def kinds() -> tuple[str, ...]:
    """Return the kinds of endpoints with a generic schema."""
    return tuple(_FILES)


def more_kinds() -> tuple[str, ...]:
    """Return the kinds that an admin may switch on for a provider, beside that of every model."""
    return tuple(kind for kind in _FILES if kind != registry.DEFAULT.kind)


def kinds_of(provider: Provider) -> list[str]:
    """Return the kinds of endpoints that all models of the provider have."""
    return [kind for kind in _FILES if kind == registry.DEFAULT.kind or kind in provider.more_kinds]


@cache
def generic_schema(kind: str = registry.DEFAULT.kind) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((_DATA / _FILES[kind]).read_text(encoding="utf-8"))
    return schema


@cache
def digest(kind: str = registry.DEFAULT.kind) -> str:
    return digest_of(generic_schema(kind))
