from __future__ import annotations

from chat.media.audio import examine_mp3, examine_wav, is_mp3, is_wav
from chat.media.documents import examine_pdf, examine_text, is_pdf
from chat.media.images import examine_image, image_format
from chat.media.media import Media, MediaRefused


def examine(content: bytes, name: str) -> Media:
    """Return the storable form of a file. Its name and its announced type decide nothing.

    :raises MediaRefused: it is of no kind that is taken, or damaged.
    """
    if not content:
        raise MediaRefused("This file is empty.")
    if image_format(content):
        return examine_image(content, name)
    if is_wav(content):
        return examine_wav(content, name)
    if is_pdf(content):
        return examine_pdf(content, name)
    if is_mp3(content):
        return examine_mp3(content, name)
    return examine_text(content, name)
