"""Descriptions of pictures, PDFs and recordings in a request, read from their first bytes."""

from __future__ import annotations

import base64
import binascii
import struct
from typing import Any

_KINDS = {"image_url", "file", "input_audio", "audio_url"}


def is_media(part: dict[str, Any]) -> bool:
    return part.get("type") in _KINDS


def described(part: dict[str, Any]) -> str:
    """Describe a part of a prompt in a sentence.

    >>> described({"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}})
    'A picture at example.org, which a demo does not fetch.'
    """
    inner = part.get(str(part.get("type")))
    inner = inner if isinstance(inner, dict) else {}
    url = str(inner.get("url") or inner.get("file_data") or inner.get("data") or "")
    if url.startswith("https://"):
        what = "recording" if "audio" in str(part.get("type")) else "picture"
        return f"A {what} at {url.split('/')[2]}, which a demo does not fetch."
    content = _decoded(url)
    if content is None:
        return "Something that is not in base64."
    size = f"{len(content):,} bytes"
    if part.get("type") == "file":
        return f"The document “{inner.get('filename', 'without a name')}”, {size}."
    if part.get("type") == "input_audio":
        return f"A recording as {inner.get('format', 'unknown')}{_length(content)}, {size}."
    return f"A picture{_measures(content)}, {size}."


def _decoded(url: str) -> bytes | None:
    try:
        return base64.b64decode(url.partition(",")[2] if url.startswith("data:") else url, validate=True)
    except (binascii.Error, ValueError):
        return None


def _length(content: bytes) -> str:
    if content[:4] != b"RIFF" or len(content) < 44:
        return ""
    rate = struct.unpack_from("<I", content, 28)[0]
    return f" of {(len(content) - 44) / rate:.1f} seconds" if rate else ""


def _measures(content: bytes) -> str:
    if content.startswith(b"\x89PNG") and len(content) >= 24:
        width, height = struct.unpack_from(">II", content, 16)
        return f" as PNG, {width:,} × {height:,} pixels"
    if content.startswith(b"\xff\xd8"):
        return f" as JPEG{_jpeg_measures(content)}"
    return " as WebP" if content[8:12] == b"WEBP" else ""


def _jpeg_measures(content: bytes) -> str:
    place = 2
    while place + 9 < len(content) and content[place] == 0xFF:
        kind = content[place + 1]
        # A frame header of any compression. C4, C8 and CC are other segments.
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, place + 5)
            return f", {width:,} × {height:,} pixels"
        place += 2 + int(struct.unpack_from(">H", content, place + 2)[0])
    return ""
