"""Emphasis beside Chinese, Japanese and Korean text.

CommonMark finds the start and the end of emphasis by the spaces and punctuation around its signs. Text
without spaces has neither: in "**注意：**后面", the second pair of signs would start something. The proposed
amendment of CommonMark ("CJK-friendly emphasis") lets characters of these scripts stand where a space would
be asked for, and does not treat their punctuation as punctuation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned

from chat.markdown.scripts import is_cjk, is_punctuation

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.utils import EnvType


class _State(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        """Return whether the signs from a position on may open and close emphasis, and their number."""
        src, end = self.src, start
        while end < self.posMax and src[end] == src[start]:
            end += 1
        before = _before(src, start)
        after = src[end] if end < self.posMax else " "
        is_left = _flanks(before, after)
        is_right = _flanks(after, before)
        if canSplitWord:
            return Scanned(is_left, is_right, end - start)
        can_open = is_left and (not is_right or is_punctuation(before))
        can_close = is_right and (not is_left or is_punctuation(after))
        return Scanned(can_open, can_close, end - start)


def _before(src: str, start: int) -> str:
    """Return the character before, which may carry a variation selector."""
    position = start - 1
    if position > 0 and (0xFE00 <= ord(src[position]) <= 0xFE0F or 0xE0100 <= ord(src[position]) <= 0xE01EF):
        position -= 1
    return src[position] if position >= 0 else " "


def _flanks(outside: str, inside: str) -> bool:
    """Return whether emphasis may lie on the side of ``inside`` of signs between the two characters."""
    if inside.isspace():
        return False
    if not is_punctuation(inside) or is_cjk(inside):
        return True
    return outside.isspace() or is_punctuation(outside) or is_cjk(outside)


class Inline(ParserInline):
    """The parser of text inside blocks, with the rules and settings of another."""

    def __init__(self, other: ParserInline) -> None:
        super().__init__()
        self.ruler, self.ruler2 = other.ruler, other.ruler2

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """Parse the text and append its tokens."""
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens
