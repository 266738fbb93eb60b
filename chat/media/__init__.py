"""What may be stored of a picture, a document or a recording, decided by its bytes alone. Pure.

::

    examine   bytes and a name, to what may be stored of them, or a sentence that says why nothing
    images    decoded in bounded size and written anew      documents  PDFs and text
    audio     WAV and MP3, with their length                names      without a path or a trick
"""

from __future__ import annotations

from chat.media.examine import examine
from chat.media.media import Media, MediaRefused

__all__ = ["Media", "MediaRefused", "examine"]
