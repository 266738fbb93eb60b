"""Tables: bounds for their cells, and rows with more cells than the header."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from markdown_it.rules_block.table import table

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

# A row of four characters still gets as many cells as the header, so columns and cells are limited.
_MOST_COLUMNS = 40
_MOST_CELLS = 20_000

# A longer row is split at every bar.
_LONGEST_ROW = 2_000
_BARS = re.compile(r"(?<!\\)\|")
# Code and formulas, in which a bar is no border.
_WHOLE = re.compile(r"(?<!`)(`+)(?!`)(?:.*?[^`])\1(?!`)|(?<![\\$\w])\$(?! )[^$`]*[^$`\s]\$(?!\w)")


def table_rule(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Apply markdown-it's rule for tables, unless they are too wide or there are too many cells."""
    left = int(state.env.get("cells", _MOST_CELLS))
    if left < 0 or start_line + 2 > end_line:
        return False
    begin, end = state.bMarks[start_line + 1], state.eMarks[start_line + 1]
    if state.src.count("|", begin, end) > _MOST_COLUMNS + 1:
        return False
    size = len(state.tokens)
    if not table(state, start_line, end_line, silent):
        return False
    # Three tokens make a cell.
    state.env["cells"] = left - (len(state.tokens) - size) // 3
    _keep_all(state, state.tokens[size:])
    return True


def _keep_all(state: StateBlock, tokens: list[Token]) -> None:
    """Put what stands in a row beyond the header's cells into the last cell, where it would be dropped."""
    columns = sum(token.type == "th_open" for token in tokens)
    row: list[Token] = []
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "inline":
            row.append(token)
        elif token.type == "tr_close" and row and row[0].map:
            line = row[0].map[0]
            source = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip(" \t")
            if source.count("|") >= columns:
                _fill(row, _cells(source, columns))


def _fill(row: list[Token], cells: list[str]) -> None:
    if len(cells) >= len(row):
        *first, last = row
        for token, cell in zip(first, cells, strict=False):
            token.content = _trimmed(cell)
        last.content = _trimmed("|".join(cells[len(first) :]))


def _trimmed(cell: str) -> str:
    return cell.strip(" \t").replace("\\|", "|")


def _cells(source: str, columns: int) -> list[str]:
    """Split a row. Bars in code and formulas count only if the row has too few cells without them."""
    bars = [found.start() for found in _BARS.finditer(source)]
    cells = _split(source, bars)
    if len(cells) <= columns or len(source) > _LONGEST_ROW:
        return cells
    wholes = [found.span() for found in _WHOLE.finditer(source)]
    outside = [bar for bar in bars if not any(start < bar < end for start, end in wholes)]
    fitting = _split(source, outside)
    return fitting if len(fitting) == columns else cells


def _split(source: str, bars: list[int]) -> list[str]:
    edges = [-1, *bars, len(source)]
    cells = [source[start + 1 : end] for start, end in pairwise(edges)]
    if cells and not cells[0]:
        del cells[0]
    if cells and not cells[-1]:
        del cells[-1]
    return cells
