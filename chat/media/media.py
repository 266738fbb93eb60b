from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.exceptions import ChatError

if TYPE_CHECKING:
    from playground.upstream.dialects.shared.transcript import MediaKind


class MediaRefused(ChatError):
    """A file that is not accepted; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Media:
    """What may be stored: ``media_type`` is what the bytes are, whatever they were called."""

    kind: MediaKind
    media_type: str
    name: str
    content: bytes
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
