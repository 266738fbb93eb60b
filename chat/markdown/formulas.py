"""Formulas: LaTeX between ``$``, ``$$``, ``\\(`` or ``\\[`` becomes MathML, or is shown as its source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chat.markdown import lines
from chat.markdown.escape import escape
from chat.markdown.mathml import mathml
from chat.markdown.scripts import is_spaced_letter, looks_like_formula

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

_LONGEST_INLINE = 2_000
_LONGEST_IN_DOLLARS = 1_000
_MOST_INNER = 4

_PAIRS = {"$$": "$$", "\\[": "\\]", "\\(": "\\)"}
# Ordinal and plural endings, as in "the $n$th" and "two $x$s".
_ENDING = re.compile(r"(?:st|nd|rd|th|s|d)(?![^\W_])")


def formula(latex: str, opening: str, *, is_block: bool) -> str:
    """Return sanitised HTML of a formula, or ``<code>`` with its source if it cannot be converted."""
    html = mathml(latex.strip(), is_block=is_block)
    if not html:
        return source(latex, opening)
    return f'<span class="math-block">{html}</span>' if is_block else html


def source(latex: str, opening: str) -> str:
    """Return HTML of a formula that is not converted, with the signs around it."""
    closing = _PAIRS.get(opening, opening)
    return f'<code class="math-source">{escape(f"{opening}{latex}{closing}")}</code>'


def inline_rule(state: StateInline, silent: bool) -> bool:
    """Parse formulas inside a line of text, as a markdown-it rule."""
    src, start = state.src, state.pos
    if src[start] not in "$\\":
        return False
    opening = src[start : start + 2]
    if opening in _PAIRS:
        found = _closed_by(state, start, opening)
        size = 2
    elif src[start] == "$":
        found = _single_dollar(state, start)
        size = 1
    else:
        return False
    if found < 0:
        return False
    if not silent:
        token = state.push("formula_inline", "math", 0)
        token.content = src[start + size : found]
        token.markup = src[start : start + size]
        token.meta = {"is_block": opening in {"$$", "\\["}}
    state.pos = found + size
    return True


def _closed_by(state: StateInline, start: int, opening: str) -> int:
    src = state.src
    end = src.find(_PAIRS[opening], start + 2, min(state.posMax, start + _LONGEST_INLINE))
    if end <= start + 2 or not src[start + 2 : end].strip():
        return -1
    # Escaped brackets are prose more often than not: "price\\[1\\]", "f\\(x\\)".
    is_sure = opening == "$$" or looks_like_formula(
        src[start + 2 : end], is_alone=opening == "\\(" and not is_spaced_letter(src[start - 1 : start])
    )
    return end if is_sure else -1


def _single_dollar(state: StateInline, start: int) -> int:
    """Return the end of ``$…$``, or -1: "$5 or $6" is money.

    Inside the signs there is no space next to them, and outside there is no digit, nor a letter of a script
    that separates its words.
    """
    src = state.src
    before = src[start - 1 : start]
    if start + 1 >= state.posMax or src[start + 1].isspace() or is_spaced_letter(before):
        return -1
    end, limit, tries = start, min(state.posMax, start + _LONGEST_IN_DOLLARS), 0
    while (end := src.find("$", end + 1, limit)) >= 0:
        if src[end - 1] == "\\":
            continue
        if tries < _MOST_INNER and src.count("{", start, end) > src.count("}", start, end):
            # A formula in a text in this formula, as in "$\\text{if $x$}$".
            tries += 1
            continue
        is_outside_word = not is_spaced_letter(src[end + 1 : min(end + 2, state.posMax)]) or _ENDING.match(
            src, end + 1, state.posMax
        )
        is_formula = end > start + 1 and not src[end - 1].isspace() and is_outside_word
        return end if is_formula and looks_like_formula(src[start + 1 : end], is_alone=True) else -1
    return -1


def block_rule(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Parse a formula on lines of its own, up to its end or a blank line, as a markdown-it rule.

    Blank lines end it, as in LaTeX: a "$$" that is never closed must not swallow the answer.
    """
    if state.is_code_block(start_line):
        return False
    opening = lines.formula_of(state.getLines(start_line, start_line + 1, state.blkIndent, False))
    if not opening:
        return False
    if silent:
        return True
    line = start_line
    while line < end_line and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        text = state.getLines(line, line + 1, state.blkIndent, False)
        line += 1
        if lines.closes_formula(text, opening, is_first=line == start_line + 1):
            return _push_formula(state, start_line, line)
    return _push_paragraph(state, start_line, line)


def _push_formula(state: StateBlock, start: int, end: int) -> bool:
    token = state.push("formula_block", "math", 0)
    source = state.getLines(start, end, state.blkIndent, False).strip()
    token.content, token.markup = source[2:-2], source[:2]
    token.map = [start, end]
    state.line = end
    return True


def _push_paragraph(state: StateBlock, start: int, end: int) -> bool:
    token = state.push("paragraph_open", "p", 1)
    token.map = [start, end]
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(start, end, state.blkIndent, False).strip()
    inline.map = [start, end]
    inline.children = []
    state.push("paragraph_close", "p", -1)
    state.line = end
    return True
