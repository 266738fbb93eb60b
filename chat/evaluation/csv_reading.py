"""Cases read from CSV, from TSV and from what a spreadsheet copies."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from accounts.spreadsheets import original
from chat.prompts.content import MAX_NAME
from chat.prompts.placeholders import is_name
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_CASES, MAX_COLUMNS, MAX_CELLS = 100_000, 50, 1_000_000
# The characters of a value, and of a column's name.
MAX_VALUE = 100_000
_SEPARATORS = ",;\t|"
# Rows that a sentence names.
_NAMED = 5
_NO_NAME = re.compile(r"[^\w.-]+")
NAME_RULE = "use letters, digits, underscores, points and hyphens, and begin with a letter."


class CasesRefused(ValueError):
    """A file of cases cannot be taken. The message says why, and names the row."""


@dataclass(slots=True)
class Sheet:
    """Columns and rows of equal length, and what was noticed about them."""

    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_cases(self) -> Iterator[dict[str, str]]:
        """Yield the values of each row by column, without empty ones."""
        for row in self.rows:
            yield {name: value for name, value in zip(self.columns, row, strict=True) if value}


def decoded(data: bytes) -> str:
    """Decode a file: UTF-8 and UTF-16 with or without a mark, else the code page that Excel writes.

    >>> decoded("é".encode("utf-8-sig")), decoded("é".encode("utf-16")), decoded("a€".encode("cp1252"))
    ('é', 'é', 'a€')
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(name, "replace")
    if len(data) > 1 and 0 in data[:2]:
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def separator_of(text: str) -> str:
    """Return the separator that is most frequent in the first line, outside of quotes.

    >>> separator_of('"a,b";c;d'), separator_of("a\\tb, c"), separator_of("one")
    (';', '\\t', ',')
    """
    counts = dict.fromkeys(_SEPARATORS, 0)
    is_quoted = False
    for letter in text[:100_000]:
        if letter == '"':
            is_quoted = not is_quoted
        elif letter in "\r\n" and not is_quoted:
            break
        elif letter in counts and not is_quoted:
            counts[letter] += 1
    # A tab is typed by nobody, so it means a spreadsheet even beside commas in the values.
    return "\t" if counts["\t"] else max(counts, key=lambda letter: counts[letter])


def read_csv(text: str, columns: Sequence[str] = ()) -> Sheet:
    """Read rows. The first one names the columns, unless ``columns`` are given and it is another row.

    :raises CasesRefused: a row has too many values, a column has no name of its own, or all is too large.
    """
    rows = _rows(storable(text))
    first = next(rows, None)
    if first is None:
        raise CasesRefused("There are no rows in it.")
    number, values = first
    names = _without_empty_end([value.strip() for value in values])
    if columns and not (names and {as_name(name) for name in names} <= set(columns)):
        return _sheet(list(columns), [(number, values), *rows])
    sheet = _sheet(_names(names), list(rows))
    if renamed := [pair for pair in zip(names, sheet.columns, strict=True) if original(pair[0]) != pair[1]]:
        said = ", ".join(f"“{name}” is {column}" for name, column in renamed[:_NAMED])
        sheet.notes.append(f"Variables have no spaces in their names: {said}.")
    return sheet


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows with their numbers, as a spreadsheet counts them, without blank ones.

    :raises CasesRefused: a value is too long, or there are too many rows.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text))
    number = 0
    try:
        for number, row in enumerate(reader, 1):
            if any(row):
                if max(map(len, row)) > MAX_VALUE:
                    raise CasesRefused(f"Row {number}: a value is longer than {MAX_VALUE:,} characters.")
                yield number, row
            if number > MAX_CASES + 1:
                raise CasesRefused(f"A table can have at most {MAX_CASES:,} cases. Split the file.")
    except csv.Error as error:
        raise CasesRefused(
            f"Row {number + 1} can't be read: a value is longer than {MAX_VALUE:,} characters, or a "
            "quotation mark has no partner."
        ) from error


def _without_empty_end(values: list[str]) -> list[str]:
    while values and not values[-1]:
        values = values[:-1]
    return values


def _names(names: list[str]) -> list[str]:
    if not names:
        raise CasesRefused("The first row has no name of a column.")
    if len(names) > MAX_COLUMNS:
        raise CasesRefused(f"A table can have at most {MAX_COLUMNS} columns. This has {len(names):,}.")
    names = [as_name(original(name)) for name in names]
    for place, name in enumerate(names, 1):
        if why := why_no_name(name):
            raise CasesRefused(f"Column {place}: {why}")
        if name in names[: place - 1]:
            raise CasesRefused(f"Two columns are called {name}. Give each its own name.")
    return names


def why_no_name(name: str) -> str:
    """Return why a text cannot name a column; an empty text if it can."""
    if not name:
        return "the first row has no name for it."
    if len(name) > MAX_NAME:
        return f"use a name of at most {MAX_NAME} characters."
    return "" if is_name(name) else NAME_RULE


def as_name(text: str) -> str:
    """Return the nearest name that a variable may have; an empty text if there is none.

    >>> as_name("First name"), as_name("2nd"), as_name("{{city}}"), as_name("Größe (cm)"), as_name("?")
    ('First_name', '_2nd', 'city', 'Größe_cm', '')
    """
    name = _NO_NAME.sub("_", text).strip("_")
    return name if not name or is_name(name) else f"_{name}"


def _sheet(columns: list[str], rows: Sequence[tuple[int, list[str]]]) -> Sheet:
    width = len(columns)
    if len(rows) * width > MAX_CELLS:
        raise CasesRefused(f"A table can have at most {MAX_CELLS:,} values. This has {len(rows) * width:,}.")
    sheet, long, short = Sheet(columns), [], []
    for number, row in rows:
        values = _without_empty_end(row) if len(row) > width else row
        if len(values) > width:
            long.append((number, len(values)))
            continue
        if len(row) < width:
            short.append(number)
        sheet.rows.append([original(value) for value in values] + [""] * (width - len(values)))
    if long:
        _refuse_long(long, width)
    if short:
        sheet.notes.append(
            f"{_in_words(short)} {'has' if len(short) == 1 else 'have'} fewer values than columns; "
            "the others are empty."
        )
    return sheet


def _refuse_long(long: list[tuple[int, int]], width: int) -> None:
    number, count = long[0]
    more = f" So do {len(long) - 1:,} more rows." if len(long) > 1 else ""
    columns = "1 column" if width == 1 else f"{width} columns"
    raise CasesRefused(
        f"Row {number} has {count} values for {columns}.{more} Put quotation marks around values "
        "with separators, or add a column."
    )


def _in_words(numbers: list[int]) -> str:
    """
    >>> _in_words([3]), _in_words([3, 4]), _in_words(list(range(10)))
    ('Row 3', 'Rows 3, 4', 'Rows 0, 1, 2, 3, 4 and 5 more')
    """
    named = ", ".join(map(str, numbers[:_NAMED]))
    more = f" and {len(numbers) - _NAMED:,} more" if len(numbers) > _NAMED else ""
    return f"{'Row' if len(numbers) == 1 else 'Rows'} {named}{more}"
