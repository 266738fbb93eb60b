r"""Line breaks and control characters in one-line inputs, where browsers would drop them.

People expect to write ``\n`` in a stop sequence. A backslash before any other character stays as it is, so
``\d`` needs no second backslash.
"""

from __future__ import annotations

import re

_SHORT = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_WRITTEN = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([ntr\\]))")
# Characters that an input drops, and spaces at the ends, which nobody would see.
_FRAGILE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]|\\|^ | $")


def unescape(text: str) -> str:
    r"""Replace escapes by the characters that they stand for.

    >>> unescape(r"\n\nEND"), unescape(r"\d"), unescape(r"\\n")
    ('\n\nEND', '\\d', '\\n')
    """
    return _WRITTEN.sub(lambda match: chr(int(match[1], 16)) if match[1] else _SHORT[match[2]], text)


def escape(text: str) -> str:
    r"""Write a text so that an input keeps it.

    >>> escape("\n\nEND"), escape(" x")
    ('\\n\\nEND', '\\u0020x')
    """
    return _FRAGILE.sub(lambda match: _written(match[0]), text)


def _written(character: str) -> str:
    for letter, meant in _SHORT.items():
        if meant == character:
            return f"\\{letter}"
    return f"\\u{ord(character):04x}"
