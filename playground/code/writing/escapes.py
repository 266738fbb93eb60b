"""Characters that are written as escapes, since an editor would hide them or a language would end at them."""

from __future__ import annotations

import json
import re
import unicodedata

# Letters of some scripts need the joiners, and so do emoji.
_JOINERS = "\u200c\u200d"
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
_SUSPECT = re.compile("[^\x20-\x7e]")


def json_string(text: str) -> str:
    """Return ``text`` as a literal of JSON, which is one of JavaScript too.

    >>> json_string("a'b\\n\u202e")
    '"a\\'b\\\\n\\\\u202e"'
    """
    return without_hidden(json.dumps(text, ensure_ascii=False))


def python_string(text: str) -> str:
    """Return ``text`` as a literal of Python, where an escape names a character and not half of one."""
    return _SUSPECT.sub(_python_escape, json.dumps(text, ensure_ascii=False))


def without_hidden(text: str) -> str:
    """Replace hidden characters by the escapes of JSON."""
    return _SUSPECT.sub(_json_escape, text)


def _is_hidden(character: str) -> bool:
    return character not in _JOINERS and unicodedata.category(character) in _HIDDEN


def _json_escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if _is_hidden(found[0]) else found[0]


def _python_escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if not _is_hidden(found[0]):
        return found[0]
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
