"""Small files of every kind that an upload accepts."""

from __future__ import annotations

import io
import struct
import wave
import zlib
from typing import Any

from PIL import Image

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n"
# A frame of silence: MPEG 1 layer III, 128 kbit/s, 44.1 kHz.
MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
MP3 = MP3_FRAME * 39
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def picture(
    kind: str = "PNG", size: tuple[int, int] = (6, 4), mode: str = "RGB", colour: Any = None, **how: Any
) -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, colour or ("red" if mode == "RGB" else 0)).save(target, kind, **how)
    return target.getvalue()


def wav(seconds: float = 1, rate: int = 8000) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(bytes(int(seconds * rate) * 2))
    return target.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Return a picture that has a header with its size and no content."""

    def chunk(label: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(label + content))
        return struct.pack(">I", len(content)) + label + content + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")
