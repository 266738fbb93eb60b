"""The escapes in a JSON string."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def _letter(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else _ESCAPED.get(escape[2], escape[2])


def unescaped(raw: str) -> str:
    """
    >>> unescaped(r"a\\u0041\\n"), unescaped(r"\\ud83d\\ude00") == "\U0001f600"
    ('aA\\n', True)
    """
    if "\\" not in raw:
        return raw
    text = _ESCAPE.sub(_letter, raw)
    return _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
