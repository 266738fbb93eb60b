"""The Markdown fence that some models put around JSON."""

from __future__ import annotations

import re

_FENCE = "```"
_BEGIN = re.compile(r"\s*```[^\n`]*\n")


def begin_of(text: str) -> int | None:
    """Return where the text inside a fence begins: 0 without a fence, None while that is not known.

    >>> begin_of("```json\\n{}"), begin_of("{}"), begin_of(" ``"), begin_of("```js")
    (8, 0, None, None)
    """
    if found := _BEGIN.match(text):
        return found.end()
    start = text.lstrip()
    if _FENCE.startswith(start) or (start.startswith(_FENCE) and "\n" not in start and "`" not in start[3:]):
        return None
    return 0
