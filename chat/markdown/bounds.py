"""Rules that keep the time of one call in proportion to the length of any text.

Text beyond a bound is shown as it was written; nothing is dropped. The rest of each bound is kept
in markdown-it's ``env``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from markdown_it.token import Token

if TYPE_CHECKING:
    from markdown_it.rules_core import StateCore

# The parser drops text that is nested deeper, so text near this depth is shown as it was written.
DEEPEST = 40

# Emphasis and code cost about 10 us a sign, a bracket three times that, and within one paragraph
# some of it grows with the square of their number.
_COSTLY = re.compile(r"[\[*_~`$<]|://")
_MOST_IN_PIECE = 1_000
_MOST_IN_CALL = 60_000


def inline_rule(state: StateCore) -> None:
    """Parse the text inside blocks, as markdown-it's rule does, up to the bound. Definitions are left out."""
    for token in state.tokens:
        if token.type == "inline" and not is_definition(token):
            parse_inside(token, state)


def is_definition(token: Token) -> bool:
    return "definition" in token.meta


def parse_inside(token: Token, state: StateCore) -> None:
    token.children = []
    for piece, is_parsed in _pieces(token.content, state.env):
        if is_parsed:
            state.md.inline.parse(piece, state.md, state.env, token.children)
        else:
            token.children.append(Token("text", "", 0, content=piece))


def _pieces(content: str, env: MutableMapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield pieces of the text and whether to parse them. Ordinary text is a single parsed piece."""
    left = int(env.get("signs", _MOST_IN_CALL))
    start = count = 0
    for found in _COSTLY.finditer(content):
        count += 3 if found[0] == "[" else 1
        if count > _MOST_IN_PIECE:
            end = content.rfind(" ", start, found.start()) + 1 or found.start()
            yield content[start:end], left > 0
            start, count, left = end, 0, left - count
    yield content[start:], left > 0
    env["signs"] = left - count
