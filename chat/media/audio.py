"""The check of recordings: they are recognised by their bytes and measured. The bytes stay unchanged."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from chat.media.media import Media, MediaRefused
from chat.media.names import with_extension
from playground.upstream.dialects.shared.transcript import MediaKind

# Sample formats of WAV files: integers, floats, two of telephony, and the extensible format.
_WAV_FORMATS = {1, 3, 6, 7, 0xFFFE}
_MAX_CHUNKS = 1000
# Bit rates of MPEG layer III in kbit/s, for version 1 and for versions 2 and 2.5.
_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_SAMPLING = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
# Some writers leave a gap between the tags and the first frame.
_MAX_GAP = 4096


def is_wav(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WAVE"


def is_mp3(content: bytes) -> bool:
    # A text may begin with "ID3", but the version byte that follows it is never printable.
    is_tagged = content[:3] == b"ID3" and content[3:4] < b"\x20"
    return is_tagged or _frame(content, 0) is not None


def examine_wav(content: bytes, name: str) -> Media:
    """
    :raises MediaRefused: it is damaged, or its sound is packed in a way that nobody expects.
    """
    byte_rate = data = 0
    for label, start, length in _chunks(content):
        if label == b"fmt " and min(length, len(content) - start) >= 16:
            code, channels, _, byte_rate = struct.unpack_from("<HHII", content, start)
            if code not in _WAV_FORMATS or not channels or not byte_rate:
                raise MediaRefused("This WAV format isn't supported. Save the file as 16-bit PCM.")
        elif label == b"data":
            # The length may be wrong if the header was written before the recording ended.
            data = min(length, len(content) - start)
            break
    if not (byte_rate and data):
        raise MediaRefused("This recording is damaged or empty.")
    return Media(
        MediaKind.AUDIO,
        "audio/wav",
        with_extension(name, ".wav"),
        content,
        seconds=round(data / byte_rate, 2),
    )


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    place = 12
    for _ in range(_MAX_CHUNKS):
        if place + 8 > len(content):
            return
        label, length = struct.unpack_from("<4sI", content, place)
        yield label, place + 8, length
        place += 8 + length + length % 2


def examine_mp3(content: bytes, name: str) -> Media:
    """
    :raises MediaRefused: no sound follows the tags.
    """
    start = _after_tags(content)
    for place in range(start, min(start + _MAX_GAP, len(content))):
        frame = _frame(content, place)
        # A single match may be chance, two in a row are not.
        if frame and (place + frame.length >= len(content) or _frame(content, place + frame.length)):
            seconds = round(_seconds(content, place, frame), 2)
            return Media(
                MediaKind.AUDIO, "audio/mpeg", with_extension(name, ".mp3"), content, seconds=seconds
            )
    raise MediaRefused("This recording is damaged or empty.")


def _after_tags(content: bytes) -> int:
    if content[:3] != b"ID3" or len(content) < 10:
        return 0
    # The size is in seven bits of each of four bytes.
    size = 0
    for byte in content[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


class _Frame:
    __slots__ = ("kilobits", "length", "rate", "samples")

    def __init__(self, version: int, kilobits: int, rate: int, padding: int) -> None:
        self.kilobits, self.rate = kilobits, rate
        self.samples = 1152 if version == 3 else 576
        self.length = self.samples // 8 * kilobits * 1000 // rate + padding


def _frame(content: bytes, place: int) -> _Frame | None:
    """Return the frame of layer III that begins at the place, or None."""
    head = content[place : place + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, kind, sampling = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or kind in {0, 15} or sampling == 3:
        return None
    kilobits = (_RATES_1 if version == 3 else _RATES_2)[kind]
    return _Frame(version, kilobits, _SAMPLING[version][sampling], head[2] >> 1 & 1)


def _seconds(content: bytes, place: int, frame: _Frame) -> float:
    first = content[place : place + frame.length]
    for label in (b"Xing", b"Info"):
        found = first.find(label)
        # The first frame of a variable bit rate stream holds the number of frames.
        if found > 0 and len(first) >= found + 12 and first[found + 7] & 1:
            frames = int.from_bytes(first[found + 8 : found + 12], "big")
            return frames * frame.samples / frame.rate
    return (len(content) - place) * 8 / (frame.kilobits * 1000)
