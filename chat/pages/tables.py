"""The pages of test tables: their list, the cases of one, and its checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.text import Truncator

from accounts.permissions import Action, allows
from chat.evaluation.check_kinds import KINDS, CheckSetting
from chat.library_access import writable_items
from chat.models import Experiment, TableCase, TableOfCases
from chat.pages.deleted import DeletedRow, deleted_context, deleted_row, restorable
from chat.pages.items import access_note, item_context, listed_items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.forms import Form

    from accounts.models import Membership
    from chat.models import DeletedCase

CASES_PER_PAGE = 50
# Characters of a value that a row shows.
SHOWN_IN_ROW = 240
# Characters of the value that names a deleted case.
_NAMED_BY = 60


def list_context(membership: Membership, shared: str = "") -> dict[str, Any]:
    found = listed_items(TableOfCases, membership, shared).order_by("name")
    rows = [(table, access_note(membership, table)) for table in found]
    context = _context(membership)
    deleted: list[DeletedRow] = []
    if context["can_edit"] and not shared:
        gone = restorable(writable_items(TableOfCases, membership, TableOfCases.with_deleted.all()))
        deleted = [
            deleted_row("table", table.name, table.deleted_at, membership.workspace.slug, table.code)
            for table in gone
        ]
    return {**context, "tables": rows, "shared": shared, **deleted_context(deleted)}


def deleted_experiments(membership: Membership, table: TableOfCases) -> dict[str, Any]:
    """Return the deleted experiments of a table for those who may change it."""
    gone = restorable(Experiment.with_deleted.filter(table=table)) if table.is_writable else ()
    address = (membership.workspace.slug, table.code)
    return deleted_context(
        [deleted_row("experiment", str(each), each.deleted_at, *address, each.number) for each in gone]
    )


def _deleted_cases(membership: Membership, table: TableOfCases) -> dict[str, Any]:
    """Return the deleted cases of a table, named by their first value, for those who may change it."""
    gone = restorable(table.deleted_cases.all()) if table.is_writable else ()
    address = (membership.workspace.slug, table.code)
    return deleted_context(
        [
            deleted_row("case", _name_of(case, table.columns), case.deleted_at, *address, case.number)
            for case in gone
        ]
    )


def _name_of(case: DeletedCase, columns: list[str]) -> str:
    first = next((case.values[name] for name in columns if case.values.get(name)), "")
    return " · ".join(filter(None, (f"Case {case.number}", Truncator(first).chars(_NAMED_BY))))


def _context(membership: Membership) -> dict[str, Any]:
    return {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "tables",
        "can_edit": allows(membership.role, Action.EDIT_LIBRARY),
    }


def table_context(membership: Membership, table: TableOfCases, tab: str) -> dict[str, Any]:
    """Return what every page of a table needs. ``tab`` is the word of the page among its neighbours."""
    return {
        **_context(membership),
        **item_context(membership, table),
        "can_edit": table.is_writable,
        "table": table,
        "tab": tab,
    }


def cases_context(membership: Membership, table: TableOfCases, page: str, form: Form) -> dict[str, Any]:
    """Return one page of the cases, each as its number and its values in the order of the columns."""
    found = Paginator(TableCase.objects.filter(table=table).order_by("number"), CASES_PER_PAGE).get_page(page)
    rows = [(case.number, [_shown(case.values.get(name, "")) for name in table.columns]) for case in found]
    return {
        **table_context(membership, table, "cases"),
        "page": found,
        "rows": rows,
        "form": form,
        **_deleted_cases(membership, table),
    }


def address_of_case(slug: str, table: TableOfCases, number: int) -> str:
    """Return the address of a case among the others: its page, and its row there."""
    before = TableCase.objects.filter(table=table, number__lt=number).count()
    url = reverse("chat:table", args=[slug, table.code])
    return f"{url}?page={before // CASES_PER_PAGE + 1}#case-{number}"


def _shown(value: str) -> str:
    return value if len(value) <= SHOWN_IN_ROW else f"{value[:SHOWN_IN_ROW]}…"


def checks_context(
    membership: Membership, table: TableOfCases, checks: Sequence[CheckSetting], problems: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the checks, each with its problem, and an empty one for the next."""
    context = table_context(membership, table, "checks")
    said = [*problems, *[""] * len(checks)]
    rows = list(zip(checks, said, strict=False))
    if context["can_edit"]:
        rows.append((CheckSetting(""), ""))
    return {**context, "rows": rows, "kinds": KINDS, "has_problems": any(problems)}
