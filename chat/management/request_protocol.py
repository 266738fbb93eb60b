"""daphne's request, with a limit. The server imports it once daphne has installed its reactor."""

from __future__ import annotations

import io
from typing import Any

from daphne.http_protocol import WebRequest
from django.conf import settings

from playground.handler import TOO_LARGE


class LimitedRequest(WebRequest):  # type: ignore[misc]  # daphne has no types
    """A request whose body is dropped once it is larger than any that a page sends.

    daphne would write it to the disk, and then read it into the memory, before anybody asks who sends it. The
    rest is still received: a browser shows the answer only after it has sent everything.
    """

    content: io.BufferedIOBase
    is_too_large = False
    _received = 0

    def gotLength(self, length: int | None) -> None:
        self.is_too_large = length is not None and length > settings.MAX_BODY_BYTES
        super().gotLength(0 if self.is_too_large else length)

    def handleContentChunk(self, data: bytes) -> None:
        self._received += len(data)
        if not self.is_too_large and self._received > settings.MAX_BODY_BYTES:
            self.is_too_large = True
            self.content.close()
            self.content = io.BytesIO()
        if not self.is_too_large:
            super().handleContentChunk(data)


def with_size(protocol: Any, scope: dict[str, Any]) -> dict[str, Any]:
    """Return the scope of a request, which says so if its body was dropped."""
    return scope | {TOO_LARGE: True} if getattr(protocol, "is_too_large", False) else scope
