"""The search for the end of JSON that arrives in pieces."""

from __future__ import annotations

import re

_STRUCTURE = re.compile(r'["{}\[\]]')
_IN_STRING = re.compile(r'["\\]')


class JsonEnd:
    """The state of an object or array as far as it has come. Each character is looked at once.

    >>> end = JsonEnd()
    >>> [end.feed(piece).is_complete for piece in ('{"a": "}', '"', "}", "{")]
    [False, False, True, False]
    """

    def __init__(self) -> None:
        self._depth = 0
        self._is_in_string = self._is_escaped = False
        # Whether the text begins as an object or array does; None before its first character.
        self._is_structure: bool | None = None

    @property
    def is_complete(self) -> bool:
        return bool(self._is_structure) and self._depth == 0

    @property
    def is_open(self) -> bool:
        """Whether the text has begun and is not complete."""
        return self._is_structure is not None and not self.is_complete

    def feed(self, text: str) -> JsonEnd:
        if self._is_structure is None and (start := text.lstrip()):
            self._is_structure = start.startswith(("{", "["))
        if self._is_structure:
            self._scan(text)
        return self

    def _scan(self, text: str) -> None:
        place = 0
        if self._is_escaped and text:
            place, self._is_escaped = 1, False
        while found := (_IN_STRING if self._is_in_string else _STRUCTURE).search(text, place):
            place = found.end()
            if found[0] == '"':
                self._is_in_string = not self._is_in_string
            elif found[0] == "\\":
                # The next character is part of the string, even if it is in the next piece.
                self._is_escaped = place == len(text)
                place += 1
            else:
                self._depth += 1 if found[0] in "{[" else -1
