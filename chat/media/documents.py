from __future__ import annotations

import codecs
import re

from chat.media.media import Media, MediaRefused
from chat.media.names import clean_name, split_extension, with_extension
from playground.upstream.dialects.shared.transcript import MediaKind

# The text becomes part of the prompt, and this is more than most models read.
MAX_TEXT_BYTES = 1_000_000
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Tabs, line ends and page breaks are text; all other control characters are not.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
# Extensions of files that are not text.
_NOT_TEXT_NAMES = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tiff", ".heic", ".avif"), "picture"),
    **dict.fromkeys((".wav", ".mp3", ".ogg", ".m4a", ".flac", ".webm", ".opus", ".aac"), "recording"),
    ".pdf": "PDF",
}


def is_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-")


def examine_pdf(content: bytes, name: str) -> Media:
    return Media(MediaKind.FILE, "application/pdf", with_extension(name, ".pdf"), content)


def examine_text(content: bytes, name: str) -> Media:
    """Accept text in UTF-8, or in UTF-16 with a byte order mark, and store it in UTF-8.

    :raises MediaRefused: it is something else.
    """
    name = clean_name(name)
    extension = split_extension(name)[1].lower()
    if extension == ".svg":
        raise MediaRefused("SVG pictures are not supported. Save it as PNG or JPEG.")
    if promised := _NOT_TEXT_NAMES.get(extension):
        raise MediaRefused(f"This {promised} cannot be read. {TAKEN}")
    try:
        text = content.decode("utf-16" if content.startswith(_WIDE) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise MediaRefused(f"This file type isn't supported. {TAKEN}") from error
    if _NOT_TEXT.search(text):
        raise MediaRefused(f"This file type isn't supported. {TAKEN}")
    kept = text.encode()
    if len(kept) > MAX_TEXT_BYTES:
        raise MediaRefused(f"A text file can have at most {MAX_TEXT_BYTES // 1_000_000} MB.")
    return Media(MediaKind.FILE, "text/plain", name, kept)


TAKEN = "Attach PNG, JPEG, WebP or GIF pictures, WAV or MP3 recordings, PDF or plain text."
