from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from chat.exceptions import NameTaken
from chat.models import Access, TableOfCases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User, Workspace
    from chat.evaluation.check_kinds import CheckSetting


def add_test_table(
    workspace: Workspace,
    name: str,
    columns: Sequence[str],
    *,
    actor: User,
    access: Access = Access.WRITE,
) -> TableOfCases:
    """Store a new test table without cases.

    :raises NameTaken: the workspace has another one of that name.
    """
    table = TableOfCases(
        workspace=workspace, name=name, columns=list(columns), created_by=actor, workspace_access=access
    )
    try:
        with transaction.atomic():
            table.save(force_insert=True)
    except IntegrityError as error:
        raise NameTaken(name) from error
    return table


def change_test_table(table: TableOfCases, name: str, columns: Sequence[str], *, actor: User) -> None:
    """Store another name and other columns. Values of a removed column come back with it.

    :raises NameTaken: the workspace has another one of that name.
    """
    try:
        with transaction.atomic():
            _update(table, name=name, columns=list(columns))
    except IntegrityError as error:
        raise NameTaken(name) from error


def set_checks(table: TableOfCases, checks: Sequence[CheckSetting], *, actor: User) -> None:
    """Store the checks of a table. Results that there are already keep the checks they were made with."""
    _update(table, checks=[check.as_json() for check in checks])


def _update(table: TableOfCases, **changed: Any) -> None:
    changed["updated_at"] = now()
    TableOfCases.objects.filter(pk=table.pk).update(**changed)
    for name, value in changed.items():
        setattr(table, name, value)
