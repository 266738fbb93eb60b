from __future__ import annotations

import re
import unicodedata

from accounts.names import one_line

LONGEST = 100
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")
_SEPARATORS = re.compile(r"[/\\]")


def clean_name(name: str) -> str:
    """Return a name that is safe to show and to save: one line, no folders, no characters that hide others.

    >>> clean_name("../../etc/pass\\u202ewd")
    'passwd'
    >>> clean_name("...")
    'file'
    """
    name = _SEPARATORS.split(unicodedata.normalize("NFC", name))[-1]
    # Disks of other systems may lack newer characters, and no file name needs joiners.
    name = "".join(character for character in one_line(name) if character.isprintable()).strip(". ")
    stem, extension = split_extension(name)
    return (stem[: LONGEST - len(extension)] + extension) or "file"


def split_extension(name: str) -> tuple[str, str]:
    """
    >>> split_extension("notes.tar.gz")
    ('notes.tar', '.gz')
    """
    found = _EXTENSION.search(name)
    return (name[: found.start()], found[0]) if found else (name, "")


def with_extension(name: str, *right: str) -> str:
    """Return the name with the first of ``right``, unless it already ends in one of them.

    >>> with_extension("cat.gif", ".png")
    'cat.png'
    """
    name = clean_name(name)
    stem, extension = split_extension(name)
    return name if extension.lower() in right else f"{stem or 'file'}{right[0]}"
