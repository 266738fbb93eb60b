"""Text and attachments as parts of an item of ``/v1/responses``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.parameters.schema.validation import Validator
from playground.upstream.dialects.shared.transcript import MediaKind, Part, Text, TranscriptRefused
from playground.upstream.dialects.shared.writing.parts import FILE_NAME, refusal_of

Json = dict[str, Any]


def input_part(item: Validator, role: str, part: Part) -> Json:
    """Return the part as this schema takes it, checked inside a message of its own.

    :raises TranscriptRefused: the schema takes no variant of it.
    """
    for variant in variants(part):
        message = {"role": role, "content": [variant]}
        if item.is_valid({"type": "message", **message}) or item.is_valid(message):
            return variant
    raise TranscriptRefused(refusal_of(part, frozenset()))


def variants(part: Part) -> Iterator[Json]:
    """Yield the forms that a part may have, the usual one first."""
    if isinstance(part, Text):
        yield {"type": "input_text", "text": part.text}
    elif part.kind is MediaKind.IMAGE:
        # OpenAI's own types require "detail"; "auto" is its default elsewhere.
        yield {"type": "input_image", "image_url": part.url, "detail": "auto"}
        yield {"type": "input_image", "image_url": part.url}
    elif part.kind is MediaKind.FILE and part.is_inline:
        yield {"type": "input_file", "filename": part.name or FILE_NAME, "file_data": part.url}
    elif part.kind is MediaKind.FILE:
        yield {"type": "input_file", "file_url": part.url}
