"""The end of prompts, test tables, experiments and cases that were deleted and not brought back.

Nobody can bring back what was deleted long ago, so what is removed here in several steps is never half there.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.timezone import now

from accounts.models import Limit
from chat.flows.delete_in_portions import delete_in_portions
from chat.flows.note_deletion import Step, note_deletion
from chat.models import Cell, DeletedCase, Experiment, Prompt, TableCase, TableOfCases
from chat.models.deletable import RESTORABLE_FOR

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from chat.flows.note_deletion import Restorable

_KINDS: tuple[type[Restorable], ...] = (Experiment, TableOfCases, Prompt)


def purge_deleted() -> int:
    """Remove what was deleted days ago, with all that belongs to it; return how many objects those were.

    Experiments keep their copies of prompts, and the books what an experiment has cost.
    """
    before = now() - RESTORABLE_FOR
    DeletedCase.objects.filter(deleted_at__lt=before).delete()
    return sum(
        _purge(kind, pk)
        for kind in _KINDS
        for pk in list(_among(kind).filter(deleted_at__lt=before).values_list("pk", flat=True))
    )


def purge_at_once(item: Restorable, *, actor: User) -> bool:
    """Remove a deleted object at once; return False if it was brought back or removed meanwhile."""
    kind = type(item)
    with transaction.atomic():
        # From here on nobody can bring it back.
        due = now() - RESTORABLE_FOR - timedelta(seconds=1)
        if not _among(kind).filter(pk=item.pk, deleted_at__isnull=False).update(deleted_at=due):
            return False
        note_deletion(item, Step.PURGED, actor=actor)
    _purge(kind, item.pk)
    return True


def _among(kind: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = kind.with_deleted.order_by("deleted_at")
    return rows


def _purge(kind: type[Restorable], pk: int) -> bool:
    if kind is Experiment:
        delete_in_portions(Cell.objects.filter(experiment=pk))
    elif kind is TableOfCases:
        delete_in_portions(Cell.objects.filter(experiment__table=pk))
        delete_in_portions(TableCase.objects.filter(table=pk))
    with transaction.atomic():
        # Another process may have removed it meanwhile.
        item = _among(kind).select_for_update(of=("self",)).filter(pk=pk).first()
        if item is None:
            return False
        if kind is Prompt:
            item.delete()
        else:
            _delete_with_caps(item)
    return True


def _delete_with_caps(item: TableOfCases | Experiment) -> None:
    table = item if isinstance(item, TableOfCases) else item.table
    experiments = Experiment.with_deleted.filter(table=table)
    if isinstance(item, Experiment):
        experiments = experiments.filter(pk=item.pk)
    codes = list(experiments.values_list("code", flat=True))
    # The lock keeps a hold taken at the same moment from referring to a deleted window.
    table.workspace.lock()
    item.delete()
    Limit.objects.filter(workspace=table.workspace_id, batch__in=codes).delete()
