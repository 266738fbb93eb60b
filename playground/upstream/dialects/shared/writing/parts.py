"""Text and attachments as parts of a message, in the format of each dialect.

A part can be written in several variants. The first one that the schema accepts is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from playground.parameters.schema.validation import Validator
from playground.upstream.dialects.shared.transcript import (
    Attachment,
    MediaKind,
    Part,
    Text,
    TranscriptRefused,
)
from playground.upstream.dialects.shared.writing.shapes import MessageShape

Json = dict[str, Any]
Variants = Callable[[Part], Iterator[Json]]

# Formats of OpenAI's input_audio by the subtype of a media type. Other schemas list whole media types.
_AUDIO_FORMATS = {"wav": "wav", "x-wav": "wav", "wave": "wav", "mpeg": "mp3", "mp3": "mp3"}
FILE_NAME = "file.pdf"
# Endings of the addresses of recordings. Most schemas want the format beside the address.
AUDIO_ENDINGS = frozenset(
    ("aac", "flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "opus", "pcm", "wav", "webm")
)
_PLURALS = {
    MediaKind.IMAGE: "images",
    MediaKind.FILE: "files",
    MediaKind.AUDIO: "audio",
    MediaKind.VIDEO: "videos",
}
_NO_ADDRESS = "This model does not fetch {} from an address: attach the file itself."
# Types of parts that hold an attachment of that kind, in any dialect.
_PART_TYPES = {
    MediaKind.IMAGE: {"image_url", "image", "input_image"},
    MediaKind.FILE: {"file", "document", "input_file"},
    MediaKind.AUDIO: {"input_audio", "audio_url"},
    MediaKind.VIDEO: {"video_url", "video"},
}


def content(shape: MessageShape, parts: tuple[Part, ...], variants: Variants) -> str | list[Json]:
    """Return the content of a message: plain text if the schema allows it, else a list of parts.

    :raises TranscriptRefused: the schema takes neither.
    """
    texts = [part.text for part in parts if isinstance(part, Text)]
    if shape.takes_text and len(texts) == len(parts):
        return "\n\n".join(texts)
    found = [_written(shape, part, variants) for part in _joined(parts)]
    if shape.most_parts is not None and len(found) > shape.most_parts:
        raise TranscriptRefused(f"This model accepts at most {shape.most_parts} parts in one message.")
    return found


def _written(shape: MessageShape, part: Part, variants: Variants) -> Json:
    # A schema that takes any text as audio data does not say that the provider fetches it.
    if shape.part is not None and _is_audio_address(part):
        is_known = not shape.part_types or shape.part_types & _PART_TYPES[MediaKind.AUDIO]
        if is_known and not shape.fetches_audio:
            raise TranscriptRefused(_NO_ADDRESS.format(_PLURALS[MediaKind.AUDIO]))
    return chosen(shape.part, part, variants, shape.part_types)


def _is_audio_address(part: Part) -> bool:
    return isinstance(part, Attachment) and part.kind is MediaKind.AUDIO and not part.is_inline


def chosen(
    validator: Validator | None, part: Part, variants: Variants, known: frozenset[str] = frozenset()
) -> Json:
    """Return the first variant of the part that the schema accepts.

    :raises TranscriptRefused: the schema accepts none.
    """
    for variant in variants(part) if validator is not None else ():
        if validator is not None and validator.is_valid(variant):
            return variant
    raise TranscriptRefused(refusal_of(part, known))


def openai_variants(part: Part) -> Iterator[Json]:
    """Yield parts of chat completions. Documents for Claude have Anthropic's images among them."""
    if isinstance(part, Text):
        yield {"type": "text", "text": part.text}
    elif part.kind is MediaKind.IMAGE:
        yield {"type": "image_url", "image_url": {"url": part.url}}
        yield from block_variants(part)
    elif part.kind is MediaKind.FILE and part.is_inline:
        yield {"type": "file", "file": {"filename": part.name or FILE_NAME, "file_data": part.url}}
    elif part.kind is MediaKind.VIDEO:
        yield {"type": "video_url", "video_url": {"url": part.url}}
    elif part.kind is MediaKind.AUDIO:
        yield from _audio_variants(part)


def _audio_variants(part: Attachment) -> Iterator[Json]:
    subtype = part.media_type.partition("/")[2]
    for name in (_AUDIO_FORMATS.get(subtype), part.media_type, f"audio/{subtype}"):
        if part.is_inline and name:
            yield {"type": "input_audio", "input_audio": {"data": part.base64, "format": name}}
    # Some servers take the format from a data URL, or from the file that they fetch.
    yield {"type": "input_audio", "input_audio": {"data": part.url}}
    if not part.is_inline:
        for name in _formats_at(part.url):
            yield {"type": "input_audio", "input_audio": {"data": part.url, "format": name}}
    yield {"type": "audio_url", "audio_url": {"url": part.url}}


def _formats_at(address: str) -> tuple[str, ...]:
    """Return the names that schemas have for the format of a recording, from the end of its address.

    >>> _formats_at("https://example.org/a.MP3?x=1"), _formats_at("https://example.org/a")
    (('mp3', 'audio/mp3', 'audio/x-mp3'), ())
    """
    ending = urlsplit(address).path.rpartition(".")[2].lower()
    return (ending, f"audio/{ending}", f"audio/x-{ending}") if ending in AUDIO_ENDINGS else ()


def block_variants(part: Part) -> Iterator[Json]:
    """Yield Anthropic's content blocks."""
    if isinstance(part, Text):
        yield {"type": "text", "text": part.text}
        return
    block = {MediaKind.IMAGE: "image", MediaKind.FILE: "document"}.get(part.kind)
    if block is None:
        return
    title = {"title": part.name} if block == "document" and part.name else {}
    for source in _sources(part):
        if title:
            yield {"type": block, "source": source, **title}
        yield {"type": block, "source": source}


def _sources(part: Attachment) -> Iterator[Json]:
    if part.is_inline:
        yield {"type": "base64", "media_type": part.media_type, "data": part.base64}
    else:
        yield {"type": "url", "url": part.url}


def _joined(parts: tuple[Part, ...]) -> list[Part]:
    """Join neighbouring texts, since some schemas limit the number of parts, and drop empty ones."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, Text) and not part.text and len(parts) > 1:
            continue
        if isinstance(part, Text) and found and isinstance(last := found[-1], Text):
            found[-1] = Text(f"{last.text}\n\n{part.text}")
        else:
            found.append(part)
    return found


def refusal_of(part: Part, known: frozenset[str]) -> str:
    if isinstance(part, Text):
        taken = next((_PLURALS[kind] for kind, names in _PART_TYPES.items() if names & known), None)
        return (
            f"This model accepts {taken} only, and no text." if taken else "This model accepts no text here."
        )
    if not part.is_inline and _PART_TYPES[part.kind] & known:
        if part.kind is MediaKind.AUDIO and not _formats_at(part.url):
            return "This model needs the format of the audio: use an address that ends in .mp3 or .wav."
        return _NO_ADDRESS.format(_PLURALS[part.kind])
    if _PART_TYPES[part.kind] & known:
        return f"This model accepts no {_PLURALS[part.kind]} of the type {part.media_type}."
    return f"This model accepts no {_PLURALS[part.kind]}."
