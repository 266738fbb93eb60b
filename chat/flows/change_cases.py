"""Changes of the cases of a test table. Each locks the table, so that numbers are given once."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from accounts.inserting import insert_rows
from chat.evaluation.csv_reading import MAX_CASES, MAX_CELLS, MAX_COLUMNS, CasesRefused
from chat.folding import folded_values
from chat.models import DeletedCase, TableCase, TableOfCases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User
    from chat.evaluation.csv_reading import Sheet

_PORTION = 2_000


def add_cases(table: TableOfCases, sheet: Sheet, *, replaces: bool = False, actor: User) -> int:
    """Add the rows of a sheet, or put them in place of all cases; return how many there are.

    Columns that the table does not have yet are added to it. An export that replaces the cases gives them
    the numbers that they had, if none was deleted.

    :raises CasesRefused: the table would be too large.
    """
    # While rows are stored, nothing else can be on SQLite, so all is written down before.
    written = [(json.dumps(values, ensure_ascii=False), folded_values(values)) for values in sheet.as_cases()]
    with transaction.atomic():
        locked = TableOfCases.objects.select_for_update().get(pk=table.pk)
        columns = list(dict.fromkeys([*([] if replaces else locked.columns), *sheet.columns]))
        size = len(written) + (0 if replaces else locked.size)
        _refuse_size(size, len(columns))
        if replaces:
            TableCase.objects.filter(table=locked).delete()
        first = 1 if replaces else locked.last_number + 1
        rows = iter([(locked.pk, number, *values) for number, values in enumerate(written, first)])
        while portion := list(islice(rows, _PORTION)):
            insert_rows(TableCase, ("table_id", "number", "values", "folded"), portion)
        _store(table, columns=columns, size=size, last_number=first + len(written) - 1)
    return len(written)


def _refuse_size(size: int, width: int) -> None:
    if width > MAX_COLUMNS:
        raise CasesRefused(f"A table can have at most {MAX_COLUMNS} columns. This would be {width}.")
    if size > MAX_CASES or size * width > MAX_CELLS:
        raise CasesRefused(
            f"A table can have at most {MAX_CASES:,} cases and {MAX_CELLS:,} values. This would be {size:,} "
            "cases."
        )


@transaction.atomic
def add_case(table: TableOfCases, values: Mapping[str, str], *, actor: User) -> TableCase:
    """Add one case with the next number.

    :raises CasesRefused: the table is full.
    """
    locked = TableOfCases.objects.select_for_update().get(pk=table.pk)
    if locked.size >= MAX_CASES:
        raise CasesRefused(f"A table can have at most {MAX_CASES:,} cases.")
    case = TableCase.objects.create(table=locked, number=locked.last_number + 1, values=_filled(values))
    _store(table, columns=locked.columns, size=locked.size + 1, last_number=case.number)
    return case


def change_case(case: TableCase, values: Mapping[str, str], *, actor: User) -> None:
    """Store other values. Those of columns that the table no longer has stay."""
    case.values = _filled({**case.values, **values})
    case.save(update_fields=["values", "folded"])


@transaction.atomic
def delete_case(case: TableCase, *, actor: User) -> None:
    """Delete a case. It can be brought back until it is purged."""
    deleted, _ = TableCase.objects.filter(pk=case.pk).delete()
    if deleted:
        DeletedCase.objects.create(table_id=case.table_id, number=case.number, values=case.values)
        TableOfCases.objects.filter(pk=case.table_id).update(size=F("size") - 1, updated_at=now())


@transaction.atomic
def bring_back_case(deleted: DeletedCase, *, actor: User) -> TableCase:
    """Bring a deleted case back under its number, or under the next one if another case has that by now.

    :raises CasesRefused: the table is full, or somebody else has brought it back.
    """
    locked = TableOfCases.objects.select_for_update().get(pk=deleted.table_id)
    if not DeletedCase.objects.filter(pk=deleted.pk).delete()[0]:
        raise CasesRefused("Somebody brought this case back meanwhile.")
    _refuse_size(locked.size + 1, len(locked.columns))
    is_free = not TableCase.objects.filter(table=locked, number=deleted.number).exists()
    number = deleted.number if is_free else locked.last_number + 1
    case = TableCase.objects.create(table=locked, number=number, values=deleted.values)
    last_number = max(number, locked.last_number)
    _store(locked, columns=locked.columns, size=locked.size + 1, last_number=last_number)
    return case


def purge_case(deleted: DeletedCase) -> None:
    """Remove a deleted case at once."""
    DeletedCase.objects.filter(pk=deleted.pk).delete()


def _filled(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _store(table: TableOfCases, columns: list[str], size: int, last_number: int) -> None:
    table.columns, table.size, table.last_number, table.updated_at = columns, size, last_number, now()
    table.save(update_fields=["columns", "size", "last_number", "updated_at"])
