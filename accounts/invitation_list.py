"""A list of people to invite, pasted or in a CSV file: their addresses, and perhaps roles and groups."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from email.utils import getaddresses, parseaddr
from typing import TYPE_CHECKING

from accounts.folding import same_name
from accounts.names import one_line
from accounts.spreadsheets import original

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The words of a first row that names the columns.
_COLUMNS = {
    "email": {"email", "e-mail", "e-mail address", "email address", "address", "mail"},
    "role": {"role"},
    "groups": {"group", "groups", "team", "teams"},
    "name": {"name", "full name", "note"},
}
_ORDER = ("email", "role", "groups", "name")
LONGEST_LINE = 2_000


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A person of a list, as it was written. ``line`` counts from 1."""

    line: int
    email: str
    role: str = ""
    groups: tuple[str, ...] = ()
    name: str = ""


def read_list(text: str) -> list[ListedPerson]:
    """Return the people of a list.

    Columns are separated by commas, semicolons or tabs; groups in a cell by ``|``, or by semicolons where
    those separate no columns. A first row without an address names the columns. Without one, they are
    address, role and groups. A line that mail programs write has several addresses with names.

    >>> read_list("Ada <ada@example.org>, ben@example.org")[0]
    ListedPerson(line=1, email='ada@example.org', role='', groups=(), name='Ada')
    >>> read_list("groups;email\\nSales|Staff;ben@example.org")
    [ListedPerson(line=2, email='ben@example.org', role='', groups=('Sales', 'Staff'), name='')]
    """
    lines = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    separator = _separator_of(lines)
    found: list[ListedPerson] = []
    order: Sequence[str] = _ORDER
    is_first = True
    for number, cells in _rows(lines, separator):
        if is_first and not any("@" in cell for cell in cells) and (named := _named(cells)):
            order = named
        elif len(cells) > 1 and sum("@" in cell for cell in cells) > 1:
            found += [ListedPerson(number, address, name=name) for name, address in _several(cells)]
        else:
            found.append(_person(number, dict(zip(order, cells, strict=False)), separator))
        is_first = False
    return found


def _separator_of(text: str) -> str:
    first = next((line for line in text.split("\n") if line.strip()), "")
    return next((each for each in "\t;" if each in first), ",")


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows with their numbers, without empty ones."""
    lines = (line[:LONGEST_LINE] for line in io.StringIO(text))
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # A quote that never ends, for example: the line is shown with a problem.
            row = ["?"]
        cells = [original(cell.strip()) for cell in row]
        if any(cells):
            yield reader.line_num, cells


def _named(cells: Sequence[str]) -> list[str]:
    """Return the columns that a first row names; nothing if it names no column for addresses."""
    words = [same_name(cell) for cell in cells]
    names = [next((name for name, known in _COLUMNS.items() if word in known), "") for word in words]
    return names if "email" in names else []


def _several(cells: Sequence[str]) -> list[tuple[str, str]]:
    return [(one_line(name), address) for name, address in getaddresses(list(cells)) if address]


def _person(number: int, cells: dict[str, str], separator: str) -> ListedPerson:
    written = cells.get("email", "")
    name, address = parseaddr(written) if "<" in written else ("", written)
    between = r"\|" if separator == ";" else r"[|;]"
    groups = [one_line(group) for group in re.split(between, cells.get("groups", ""))]
    return ListedPerson(
        number,
        address or written,
        cells.get("role", ""),
        tuple(dict.fromkeys(filter(None, groups))),
        one_line(cells.get("name", "") or name)[:120],
    )
