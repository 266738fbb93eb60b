"""Images in an answer: as data URLs, as plain base64, or at an address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playground.upstream.dialects.shared.reading.limits import MAX_IMAGES, MAX_URL
from playground.upstream.events import ImageReceived

if TYPE_CHECKING:
    from playground.upstream.events import Event

# The first bytes of each format, in base64. A RIFF file may be audio as well.
_BEGINNINGS = {
    "image/png": re.compile("iVBORw"),
    "image/jpeg": re.compile("/9j/"),
    "image/gif": re.compile("R0lGOD"),
    "image/webp": re.compile("UklGR.{7}RUJQ"),
}


class Images:
    def __init__(self) -> None:
        self._count = 0

    def feed_list(self, found: object, events: list[Event]) -> None:
        """Read ``images`` of a message, as OpenRouter has them, or parts of its content."""
        for item in found if isinstance(found, list) else ():
            if isinstance(item, dict):
                place = item.get("image_url", item.get("url"))
                self.feed_url(place.get("url") if isinstance(place, dict) else place, events)

    def feed_url(self, url: object, events: list[Event]) -> None:
        if not isinstance(url, str):
            return
        head, comma, data = url.partition(",")
        if comma and head.startswith("data:image/") and head.endswith(";base64"):
            self.feed_base64(data, events)
        elif url.startswith(("https://", "http://")) and len(url) <= MAX_URL:
            self._emit(ImageReceived(url=url), events)

    def feed_base64(self, data: object, events: list[Event]) -> None:
        """Read an image whose format follows from its bytes. SVG is refused: it can run scripts."""
        if isinstance(data, str):
            kind = next((kind for kind, start in _BEGINNINGS.items() if start.match(data)), "")
            if kind:
                self._emit(ImageReceived(data=data, media_type=kind), events)

    def _emit(self, image: ImageReceived, events: list[Event]) -> None:
        if self._count < MAX_IMAGES:
            self._count += 1
            events.append(image)
