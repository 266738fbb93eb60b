from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.evaluation.imported import sheet_of
from chat.flows.change_cases import add_cases
from chat.flows.save_test_table import add_test_table, set_checks
from chat.library_access import visible_items
from chat.models import TableOfCases

if TYPE_CHECKING:
    from accounts.models import Membership, User
    from chat.prompts.cases import CaseTable

_LONGEST_NAME = 120


@transaction.atomic
def import_table(membership: Membership, found: CaseTable, *, actor: User) -> TableOfCases:
    """Store the tests of another tool as a test table, under another name if its own is taken.

    :raises NameTaken: somebody has stored a table of that name meanwhile.
    :raises CasesRefused: it would be too large; nothing is stored.
    """
    workspace = membership.workspace
    taken = set(visible_items(TableOfCases, membership).values_list("name", flat=True))
    name, number = found.name[:_LONGEST_NAME], 2
    while name in taken:
        name, number = f"{found.name[: _LONGEST_NAME - 8]} {number}", number + 1
    sheet, checks, _ = sheet_of(found)
    table = add_test_table(workspace, name, sheet.columns, actor=actor)
    add_cases(table, sheet, actor=actor)
    set_checks(table, checks, actor=actor)
    return table
