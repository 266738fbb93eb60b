"""Access to test tables, which all members of their workspace may read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404

from chat.models import Experiment, TableCase, TableOfCases

if TYPE_CHECKING:
    from accounts.models import Workspace


def get_table_of(workspace: Workspace, code: UUID) -> TableOfCases:
    """Find a test table.

    :raises Http404: there is no such table, or it belongs to another workspace.
    """
    found = TableOfCases.objects.select_related("created_by").filter(workspace=workspace, code=code).first()
    if found is None:
        raise Http404
    return found


def get_case_of(table: TableOfCases, number: int) -> TableCase:
    """Find a case of a test table.

    :raises Http404: the table has no such case.
    """
    # SQLite has no larger numbers.
    found = TableCase.objects.filter(table=table, number=number).first() if number < 2**31 else None
    if found is None:
        raise Http404
    return found


def get_experiment_of(table: TableOfCases, number: int) -> Experiment:
    """Find an experiment of a test table.

    :raises Http404: the table has no such experiment.
    """
    experiments = Experiment.objects.select_related("table__workspace", "cap", "user")
    found = experiments.filter(table=table, number=number).first() if number < 2**31 else None
    if found is None:
        raise Http404
    return found
