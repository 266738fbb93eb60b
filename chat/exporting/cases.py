"""The cases of a test table as a file, in portions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.spreadsheets import csv_lines
from chat.evaluation.json_lines import json_line
from chat.models import TableCase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.models import TableOfCases

_PORTION = 1_000


def case_portions(table: TableOfCases, *, is_lines: bool) -> Iterator[str]:
    """Yield the file piece by piece. CSV begins with the names of the columns."""
    columns = table.columns
    if not is_lines:
        # Excel reads a file as UTF-8 only if it begins with this mark.
        yield "\ufeff" + csv_lines([columns])
    last = 0
    while portion := _after(table, last):
        last = portion[-1][0]
        rows = [[values.get(name, "") for name in columns] for _, values in portion]
        if is_lines:
            yield "".join(json_line(dict(zip(columns, row, strict=True))) for row in rows)
        else:
            yield csv_lines(rows)


def _after(table: TableOfCases, number: int) -> list[tuple[int, dict[str, str]]]:
    # Each portion is a query of its own: a slow download must not keep a cursor open.
    cases = TableCase.objects.filter(table=table, number__gt=number).order_by("number")
    return list(cases.values_list("number", "values")[:_PORTION])
