from __future__ import annotations

from chat.media.encodings import decoded, encoding_of
from chat.media.media import Media, MediaRefused
from chat.media.names import clean_name, split_extension, with_extension
from playground.upstream.dialects.shared.transcript import MediaKind

# The text becomes part of the prompt, and this is more than most models read.
MAX_TEXT_BYTES = 1_000_000
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


def examine_text(content: bytes, name: str, encoding: str = "") -> Media:
    """Decode a text, in the encoding that is named or else the likeliest one, and keep it in UTF-8.

    :raises MediaRefused: it is no text, or not in that encoding.
    """
    name = clean_name(name)
    extension = split_extension(name)[1].lower()
    if extension == ".svg":
        raise MediaRefused("SVG pictures are not supported. Save it as PNG or JPEG.")
    if promised := _NOT_TEXT_NAMES.get(extension):
        raise MediaRefused(f"This {promised} cannot be read. {TAKEN}")
    # UTF-32 takes four bytes for what is one byte in UTF-8, so a larger file is too long in any encoding.
    if len(content) > 4 * MAX_TEXT_BYTES + 4:
        raise MediaRefused(_TOO_LONG)
    encoding = encoding or encoding_of(content)
    if not encoding:
        raise MediaRefused(f"This file type isn't supported. {TAKEN} If this is text, save it as UTF-8.")
    kept = decoded(content, encoding).encode()
    if len(kept) > MAX_TEXT_BYTES:
        raise MediaRefused(_TOO_LONG)
    return Media(
        MediaKind.FILE,
        "text/plain",
        name,
        kept,
        # Plain ASCII is the same in all of them, so nobody has to choose.
        encoding="" if encoding == "utf-8" and content.isascii() else encoding,
        original=None if kept == content else content,
    )


TAKEN = "Attach PNG, JPEG, WebP or GIF pictures, WAV or MP3 recordings, PDF or plain text."
_TOO_LONG = f"A text file can have at most {MAX_TEXT_BYTES // 1_000_000} MB."
