"""Files for spreadsheets: CSV that none of them takes for formulas, and that reads back as equal."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# Spreadsheets run cells that begin with these, some of them after blank space or in their wide forms. See
# https://owasp.org/www-community/attacks/CSV_Injection
_DANGEROUS = re.compile(r"['\s]*[=+\-@＝＋－＠]|'*[\t\r\n]")
# A plain number is no formula, although it may have a sign.
_NUMBER = re.compile(r"[+-]?\d[\d.,]*(?:[eE][+-]?\d+)?", re.ASCII)


def _is_formula(text: str) -> bool:
    return bool(_DANGEROUS.match(text)) and not _NUMBER.fullmatch(text)


def harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run: it then shows the text itself.

    >>> harmless("=1+1"), harmless("'=1"), harmless("-5"), harmless("plain"), harmless("- item")
    ("'=1+1", "''=1", '-5', 'plain', "'- item")
    """
    return f"'{text}" if _is_formula(text) else text


def original(text: str) -> str:
    """Undo :func:`harmless`.

    >>> original("'=1+1"), original("''=1"), original("'tis"), original("-5")
    ('=1+1', "'=1", "'tis", '-5')
    """
    return text[1:] if text[:1] == "'" and _is_formula(text[1:]) else text


def harmless_name(text: str) -> str:
    """Put an apostrophe also before a number with a sign, which as a name is not meant to be one.

    >>> harmless_name("+49"), harmless_name("49")
    ("'+49", '49')
    """
    return f"'{text}" if _DANGEROUS.match(text) else text


def csv_lines(rows: Iterable[Sequence[str]], guard: Callable[[str], str] = harmless) -> str:
    """Write rows as CSV. A lone empty value is quoted, so that its row is not a blank line.

    :param guard: a function that makes a value harmless.
    """
    file = io.StringIO(newline="")
    csv.writer(file).writerows([guard(value) for value in row] for row in rows)
    return file.getvalue()
