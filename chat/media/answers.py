"""Pictures and sound that a model made. They are checked as uploads are, but kept even if unreadable."""

from __future__ import annotations

import struct

from chat.media.audio import examine_mp3, examine_wav, is_mp3, is_wav
from chat.media.images import examine_image, image_format
from chat.media.media import Media, MediaRefused
from playground.upstream.dialects.shared.transcript import MediaKind

UNREADABLE = "application/octet-stream"
# OpenAI sends PCM sound without a header: https://platform.openai.com/docs/guides/audio
_PCM_RATE, _PCM_BYTES = 24_000, 2
# Formats that browsers play or users save; their bytes stay unchanged.
_OTHERS = ((b"OggS", "audio/ogg", ".ogg"), (b"fLaC", "audio/flac", ".flac"))
_AAC = (b"\xff\xf1", b"\xff\xf9")


def examine_drawn(content: bytes, name: str) -> Media:
    """Return the picture, encoded again. If it cannot be decoded, return its bytes as a file."""
    try:
        if image_format(content):
            return examine_image(content, name)
    except MediaRefused:
        pass
    return _unreadable(content, name)


def examine_spoken(content: bytes, name: str, stated: str) -> Media:
    """Return sound. ``stated`` is the requested format, which samples without a header do not tell."""
    try:
        if is_wav(content):
            return examine_wav(content, name)
        if stated.startswith("pcm"):
            return examine_wav(_with_header(content), name)
        for start, media_type, extension in _OTHERS:
            if content.startswith(start):
                return Media(MediaKind.AUDIO, media_type, name + extension, content)
        if content[:2] in _AAC:
            return Media(MediaKind.AUDIO, "audio/aac", f"{name}.aac", content)
        if is_mp3(content):
            return examine_mp3(content, name)
    except MediaRefused:
        pass
    return _unreadable(content, name)


def _unreadable(content: bytes, name: str) -> Media:
    return Media(MediaKind.FILE, UNREADABLE, f"{name}.bin", content)


def _with_header(samples: bytes) -> bytes:
    samples = samples[: len(samples) - len(samples) % _PCM_BYTES]
    rate = _PCM_RATE * _PCM_BYTES
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _PCM_RATE, rate, _PCM_BYTES, 8 * _PCM_BYTES)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI", b"RIFF", len(body)) + body
