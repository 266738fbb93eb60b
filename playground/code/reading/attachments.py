"""Pictures, documents and recordings in a message, as each kind of endpoint writes them."""

from __future__ import annotations

import base64
from typing import Any

from playground.upstream.dialects.shared.transcript import Attachment, MediaKind

Json = dict[str, Any]

_BASE64 = "base64,"


def attachment_in(part: Json) -> Attachment | None:
    """Return the file that a part of a message contains; None if it contains none, or only an id.

    The address is a data URL, an address that a provider fetches, or a placeholder of ``file_marks``. It is
    as it was found: nothing is decoded or checked.

    >>> attachment_in({"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}).kind
    <MediaKind.IMAGE: 'image'>
    >>> attachment_in({"type": "input_image", "file_id": "file-1"}) is None
    True
    """
    match part:
        case {"type": "image_url" | "input_image", "image_url": {"url": str() as url} | str(url)}:
            return Attachment(MediaKind.IMAGE, url)
        case {"type": "image" | "document" as block, "source": dict() as source}:
            kind = MediaKind.IMAGE if block == "image" else MediaKind.FILE
            return _attachment(kind, _source(source), part.get("title"))
        case {"type": "file", "file": dict() as file}:
            return _attachment(MediaKind.FILE, _bytes(file.get("file_data")), file.get("filename"))
        case {"type": "input_file", "file_url": str() as url}:
            return Attachment(MediaKind.FILE, url)
        case {"type": "input_file"}:
            return _attachment(MediaKind.FILE, _bytes(part.get("file_data")), part.get("filename"))
        case {"type": "input_audio", "input_audio": {"data": str() as data, **more}}:
            return Attachment(MediaKind.AUDIO, _bytes(data, _audio_type(more.get("format"))))
        case {"type": "audio_url", "audio_url": {"url": str() as url} | str(url)}:
            return Attachment(MediaKind.AUDIO, url)
        case {"type": "video_url", "video_url": {"url": str() as url} | str(url)}:
            return Attachment(MediaKind.VIDEO, url)
    return None


def _attachment(kind: MediaKind, url: str, name: Any) -> Attachment | None:
    return Attachment(kind, url, name if isinstance(name, str) else "") if url else None


def _source(source: Json) -> str:
    """Return the address in the source of one of Anthropic's blocks; empty if it has none."""
    match source:
        case {"type": "url", "url": str() as url}:
            return url
        case {"type": "base64", "data": str() as data}:
            return _bytes(data, source.get("media_type"))
        case {"type": "text", "data": str() as text}:
            encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
            return f"data:text/plain;{_BASE64}{encoded}"
    return ""


def _bytes(data: Any, media_type: Any = "") -> str:
    """Return bare base64 as a data URL, and an address as it is."""
    if not isinstance(data, str) or not data:
        return ""
    if ":" in data[:40]:
        return data
    return f"data:{media_type if isinstance(media_type, str) else ''};{_BASE64}{data}"


def _audio_type(name: Any) -> str:
    if not isinstance(name, str) or not name:
        return ""
    return name if "/" in name else f"audio/{name}"
