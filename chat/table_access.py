"""Access to test tables, and through them to their cases, experiments and results."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.utils.timezone import now

from accounts.permissions import Action
from chat.library_access import get_item_for
from chat.models import Cell, DeletedCase, Experiment, TableCase, TableOfCases
from chat.models.deletable import RESTORABLE_FOR

if TYPE_CHECKING:
    from accounts.models import Membership
    from chat.models import Run


def get_table_for(
    membership: Membership, code: UUID, action: Action = Action.READ, *, with_deleted: bool = False
) -> TableOfCases:
    """Find a test table. It raises the errors of :func:`chat.library_access.get_item_for`."""
    among = TableOfCases.with_deleted.all() if with_deleted else None
    return get_item_for(TableOfCases, membership, code, action, among)


def table_code_of(run: Run) -> UUID | None:
    """Return the code of the test table whose experiment opened a run; None if that is gone, or never was."""
    cells = Cell.objects.filter(Q(run=run) | Q(judge_run=run), experiment__deleted_at=None).order_by()
    return cells.values_list("experiment__table__code", flat=True).first() if run.made_for else None


def get_case_of(table: TableOfCases, number: int) -> TableCase:
    """Find a case of a test table.

    :raises Http404: the table has no such case.
    """
    # SQLite has no larger numbers.
    found = TableCase.objects.filter(table=table, number=number).first() if number < 2**31 else None
    if found is None:
        raise Http404
    return found


def get_deleted_case_of(table: TableOfCases, number: int) -> DeletedCase:
    """Find the case of a number that was deleted last.

    :raises Http404: no such case was deleted, or it is too late to bring it back.
    """
    since = now() - RESTORABLE_FOR
    deleted = table.deleted_cases.filter(deleted_at__gte=since)
    found = deleted.filter(number=number).first() if number < 2**31 else None
    if found is None:
        raise Http404
    return found


def get_experiment_of(table: TableOfCases, number: int, *, with_deleted: bool = False) -> Experiment:
    """Find an experiment of a test table.

    :raises Http404: the table has no such experiment.
    """
    among = Experiment.with_deleted if with_deleted else Experiment.objects
    experiments = among.select_related("cap", "user")
    found = experiments.filter(table=table, number=number).first() if number < 2**31 else None
    if found is None:
        raise Http404
    # The table of the member who asks knows whether they may change it.
    found.table = table
    return found
