"""Formulas: LaTeX between ``$``, ``$$``, ``\\(`` or ``\\[`` becomes MathML, or is shown as its source."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import nh3
from latex2mathml.converter import convert

from chat.markdown import lines
from chat.markdown.escape import escape
from chat.markdown.sanitise import MATH_ATTRIBUTES, MATH_TAGS

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

# The converter calls itself for every brace, and takes about 10 us a character.
_LONGEST = 2_000
_DEEPEST = 30
_LONGEST_INLINE = 1_000

_PAIRS = {"$$": "$$", "\\[": "\\]", "\\(": "\\)"}
_LENGTH = re.compile(r"(-?\d*\.?\d+)(em|ex|px|pt|mu|%)?")


def formula(latex: str, *, is_block: bool) -> str:
    """Return sanitised HTML of a formula, or ``<code>`` with its source if it cannot be converted."""
    html = _mathml(latex.strip(), is_block=is_block)
    if not html:
        return source(latex)
    return f'<span class="math-block">{html}</span>' if is_block else html


def source(latex: str) -> str:
    """Return HTML of a formula that is not converted."""
    return f'<code class="math-source">{escape(latex.strip())}</code>'


# While a list or paragraph is open, its formulas are rendered again at every new line.
@lru_cache(maxsize=512)
def _mathml(source: str, *, is_block: bool) -> str:
    if not source or len(source) > _LONGEST or _depth(source) > _DEEPEST:
        return ""
    try:
        mathml = convert(source, display="block" if is_block else "inline")
    except Exception:  # noqa: BLE001 - any of a dozen errors means "not a formula we can show"; RecursionError too
        return ""
    return _cleaner.clean(mathml)


def _depth(source: str) -> int:
    """Return an upper bound of the nesting. Commands also take arguments without braces."""
    depth = deepest = 0
    for found in re.finditer(r"[{}]|\\(?:left|right|begin|end|sqrt|frac|text)\b", source):
        if found[0] in {"}", r"\right", r"\end"}:
            depth -= 1
        elif found[0] in {"{", r"\left", r"\begin"}:
            depth += 1
        deepest = max(deepest, depth)
    # Commands also nest without braces: "\sqrt\sqrt\sqrt x".
    unbraced = max((len(run) for run in re.findall(r"(?:\\[a-zA-Z]+\s*){10,}", source)), default=0)
    return max(deepest, unbraced // 5)


def _bounded(tag: str, attribute: str, value: str) -> str | None:
    """Drop lengths with which a formula could cover other parts of the page."""
    if attribute in {"width", "height", "depth", "lspace", "rspace", "minsize", "maxsize", "linethickness"}:
        length = _LENGTH.fullmatch(value)
        limit = 400.0 if length and length[2] in {"%", "px", "pt", "mu"} else 6.0
        return value if length and abs(float(length[1])) <= limit else None
    return value


_cleaner = nh3.Cleaner(
    tags=set(MATH_TAGS),
    # These tags are dropped with their content: \text{<script>…} would leave the script's text.
    clean_content_tags={"script", "style", "iframe", "svg"},
    attributes={tag: set(MATH_ATTRIBUTES) for tag in MATH_TAGS},
    attribute_filter=_bounded,
    link_rel=None,
)


def inline_rule(state: StateInline, silent: bool) -> bool:
    """Parse formulas inside a line of text, as a markdown-it rule."""
    src, start = state.src, state.pos
    if src[start] not in "$\\":
        return False
    opening = src[start : start + 2]
    if opening in _PAIRS:
        found = _closed_by(state, start + 2, _PAIRS[opening])
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
        token.meta = {"is_block": opening in {"$$", "\\["}}
    state.pos = found + size
    return True


def _closed_by(state: StateInline, start: int, closing: str) -> int:
    end = state.src.find(closing, start, min(state.posMax, start + _LONGEST))
    return end if end > start and state.src[start:end].strip() else -1


def _single_dollar(state: StateInline, start: int) -> int:
    """Return the end of ``$…$``, or -1: "$5 or $6" is money.

    Inside the signs there is no space next to them, and outside there is no letter or digit.
    """
    src = state.src
    if start + 1 >= state.posMax or src[start + 1].isspace() or (start and src[start - 1].isalnum()):
        return -1
    end = start
    limit = min(state.posMax, start + _LONGEST_INLINE)
    while (end := src.find("$", end + 1, limit)) >= 0:
        if src[end - 1] == "\\":
            continue
        is_outside_word = end + 1 >= state.posMax or not src[end + 1].isalnum()
        return end if is_outside_word and not src[end - 1].isspace() and end > start + 1 else -1
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
    token.content = state.getLines(start, end, state.blkIndent, False).strip()[2:-2]
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
