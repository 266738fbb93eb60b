"""Text and attachments in the words of each dialect, within what a schema takes.

For each part there are a few ways to say it. The first that the schema accepts is the one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from playground.upstream.dialects.shared.transcript import Attachment, Kind, Part, Text, TranscriptRefused
from playground.upstream.dialects.shared.writing.accepts import MessageShape, Validator

Json = dict[str, Any]
Ways = Callable[[Part], Iterator[Json]]

# Formats of OpenAI's input_audio, by the subtype of a media type; others go by the whole type.
_AUDIO_FORMATS = {"wav": "wav", "x-wav": "wav", "wave": "wav", "mpeg": "mp3", "mp3": "mp3"}
_FILE_NAME = "file.pdf"
_PLURALS = {
    Kind.IMAGE: "images",
    Kind.FILE: "files",
    Kind.AUDIO: "audio",
    Kind.VIDEO: "videos",
}
# Types of parts that hold an attachment of that kind, in any dialect.
_PART_TYPES = {
    Kind.IMAGE: {"image_url", "image", "input_image"},
    Kind.FILE: {"file", "document", "input_file"},
    Kind.AUDIO: {"input_audio", "audio_url"},
    Kind.VIDEO: {"video_url", "video"},
}


def content(shape: MessageShape, parts: tuple[Part, ...], ways: Ways) -> str | list[Json]:
    """The content of a message: a plain text where that says it all, else a list of parts.

    :raises TranscriptRefused: it takes neither.
    """
    texts = [part.text for part in parts if isinstance(part, Text)]
    if shape.takes_text and len(texts) == len(parts):
        return "\n\n".join(texts)
    found = [chosen(shape.part, part, ways, shape.part_types) for part in _joined(parts)]
    if shape.most_parts is not None and len(found) > shape.most_parts:
        raise TranscriptRefused(f"This model takes at most {shape.most_parts} parts in one message.")
    return found


def chosen(validator: Validator | None, part: Part, ways: Ways, known: frozenset[str] = frozenset()) -> Json:
    """The part as this schema takes it.

    :raises TranscriptRefused: in no way.
    """
    for way in ways(part) if validator is not None else ():
        if validator is not None and validator.is_valid(way):
            return way
    raise TranscriptRefused(_refusal(part, known))


def chosen_input(item: Validator, role: str, part: Part) -> Json:
    """The part of an item of ``/v1/responses``, which is checked inside of its message."""
    for way in input_ways(part):
        if item.is_valid({"role": role, "content": [way]}):
            return way
    raise TranscriptRefused(_refusal(part, frozenset()))


def openai_ways(part: Part) -> Iterator[Json]:
    """Parts of chat completions; Claude's pages take images in Anthropic's words among them."""
    if isinstance(part, Text):
        yield {"type": "text", "text": part.text}
    elif part.kind is Kind.IMAGE:
        yield {"type": "image_url", "image_url": {"url": part.url}}
        yield from block_ways(part)
    elif part.kind is Kind.FILE and part.is_inline:
        yield {"type": "file", "file": {"filename": part.name or _FILE_NAME, "file_data": part.url}}
    elif part.kind is Kind.VIDEO:
        yield {"type": "video_url", "video_url": {"url": part.url}}
    elif part.kind is Kind.AUDIO:
        yield from _audio_ways(part)


def _audio_ways(part: Attachment) -> Iterator[Json]:
    subtype = part.media_type.partition("/")[2]
    for name in (_AUDIO_FORMATS.get(subtype), part.media_type, f"audio/{subtype}"):
        if part.is_inline and name:
            yield {"type": "input_audio", "input_audio": {"data": part.base64, "format": name}}
    # One without a format tells what it is by its data URL, or fetches it.
    yield {"type": "input_audio", "input_audio": {"data": part.url}}


def block_ways(part: Part) -> Iterator[Json]:
    """Anthropic's content blocks."""
    if isinstance(part, Text):
        yield {"type": "text", "text": part.text}
        return
    block = {Kind.IMAGE: "image", Kind.FILE: "document"}.get(part.kind)
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


def input_ways(part: Part) -> Iterator[Json]:
    """Parts of ``/v1/responses``."""
    if isinstance(part, Text):
        yield {"type": "input_text", "text": part.text}
    elif part.kind is Kind.IMAGE:
        yield {"type": "input_image", "image_url": part.url}
        # Required here and there; "auto" is what leaving it out means elsewhere.
        yield {"type": "input_image", "image_url": part.url, "detail": "auto"}
    elif part.kind is Kind.FILE and part.is_inline:
        yield {"type": "input_file", "filename": part.name or _FILE_NAME, "file_data": part.url}
    elif part.kind is Kind.FILE:
        yield {"type": "input_file", "file_url": part.url}


def _joined(parts: tuple[Part, ...]) -> list[Part]:
    """Neighbouring texts as one, since some schemas count the parts, and no empty ones."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, Text) and not part.text and len(parts) > 1:
            continue
        if isinstance(part, Text) and found and isinstance(last := found[-1], Text):
            found[-1] = Text(f"{last.text}\n\n{part.text}")
        else:
            found.append(part)
    return found


def _refusal(part: Part, known: frozenset[str]) -> str:
    if isinstance(part, Text):
        taken = next((_PLURALS[kind] for kind, names in _PART_TYPES.items() if names & known), None)
        return f"This model takes {taken} only, and no text." if taken else "This model takes no text here."
    if not part.is_inline and _PART_TYPES[part.kind] & known:
        return f"This model does not fetch {_PLURALS[part.kind]} from an address: attach the file itself."
    if _PART_TYPES[part.kind] & known:
        return f"This model takes no {_PLURALS[part.kind]} of the type {part.media_type}."
    return f"This model takes no {_PLURALS[part.kind]}."
