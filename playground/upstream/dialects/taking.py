"""The attachments that an endpoint takes, found out by writing a sample of each.

A text file goes as text, which every model reads; hardly any model takes it as a file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from playground.upstream.dialects.shared.transcript import (
    Attachment,
    MediaKind,
    Part,
    Role,
    Text,
    Transcript,
    TranscriptRefused,
    Turn,
)
from playground.upstream.dialects.shared.writing.accepts import Accepts
from playground.upstream.dialects.writing import write_transcript

# The media types that may be attached to a prompt.
MEDIA_TYPES = {
    "image/png": MediaKind.IMAGE,
    "image/jpeg": MediaKind.IMAGE,
    "image/webp": MediaKind.IMAGE,
    "image/gif": MediaKind.IMAGE,
    "application/pdf": MediaKind.FILE,
    "text/plain": MediaKind.FILE,
    "audio/wav": MediaKind.AUDIO,
    "audio/mpeg": MediaKind.AUDIO,
}
_TEXT = "text/plain"
_SAMPLES: dict[str, Part] = {
    name: Text("sample") if name == _TEXT else Attachment(kind, f"data:{name};base64,AA==", "sample")
    for name, kind in MEDIA_TYPES.items()
}
_ADDRESSES = (
    Attachment(MediaKind.IMAGE, "https://example.org/sample.png"),
    Attachment(MediaKind.AUDIO, "https://example.org/sample.mp3"),
)


@dataclass(frozen=True, slots=True)
class Takes:
    """The attachments that an endpoint takes."""

    media_types: tuple[str, ...] = ()
    # Kinds that the provider fetches from an address.
    fetched: tuple[MediaKind, ...] = ()

    @property
    def kinds(self) -> frozenset[MediaKind]:
        return frozenset(MEDIA_TYPES[name] for name in self.media_types)


def takes(endpoint_kind: str, accepts: Accepts) -> Takes:
    """Find out which attachments a prompt at this endpoint may have."""
    return Takes(
        tuple(name for name, sample in _SAMPLES.items() if is_taken(endpoint_kind, accepts, sample)),
        tuple(each.kind for each in _ADDRESSES if is_taken(endpoint_kind, accepts, each)),
    )


def within(endpoint_kind: str, accepts: Accepts, transcript: Transcript) -> Transcript:
    """Replace attachments of earlier prompts that the endpoint does not take by a line of text.

    Attachments of the last turn stay, so that writing it is refused and the user learns why.
    """
    known: dict[tuple[MediaKind, str], bool] = {}

    def kept(part: Part) -> Part:
        if isinstance(part, Text):
            return part
        # The end of an address may stand for the type.
        key = part.kind, part.media_type or part.url
        if key not in known:
            known[key] = is_taken(endpoint_kind, accepts, part)
        return part if known[key] else Text(f"[{part.name or 'A file'} was attached here.]")

    return tuple(
        replace(turn, parts=tuple(map(kept, turn.parts))) if turn.role is Role.USER else turn
        for turn in transcript[:-1]
    ) + tuple(transcript[-1:])


def is_taken(endpoint_kind: str, accepts: Accepts, part: Part) -> bool:
    """Return whether a prompt may consist of this part alone; some models take images and no text."""
    try:
        write_transcript(endpoint_kind, accepts, (Turn(Role.USER, (part,)),), {})
    except TranscriptRefused:
        return False
    return True
