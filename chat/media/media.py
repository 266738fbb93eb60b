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
    """A file in its storable form. ``media_type`` is the type of the bytes, not of the name."""

    kind: MediaKind
    media_type: str
    name: str
    content: bytes
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    # The encoding that a text had, and its bytes where they are not those of ``content``, which is UTF-8.
    encoding: str = ""
    original: bytes | None = None
