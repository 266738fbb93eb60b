"""Checks of pictures, documents and recordings by their bytes alone. They know no framework.

::

    examine   the entry: bytes and a name become ``Media``, or ``MediaRefused`` gives the reason
    images    decoded in bounded size and written again     documents  PDFs and text
    audio     WAV and MP3, with their length                encodings  those of text, found or chosen
                                                            names      without paths or hidden characters
"""

from __future__ import annotations

from chat.media.examine import examine
from chat.media.media import Media, MediaRefused

__all__ = ["Media", "MediaRefused", "examine"]
