from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField
from django.utils.timezone import now

from accounts.inserting import insert_all
from accounts.models import Workspace
from accounts.prepared import prepared
from chat.models import Exchange, Run
from chat.retention import Rules, due_exchanges

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from playground.upstream.recording.recorder import Recording

logger = logging.getLogger(__name__)

# Rows that one statement deletes at most, so that other statements do not wait long for it.
PURGED_AT_ONCE = 200


def keep_exchanges(run: Run, recordings: list[Recording]) -> None:
    """Store the raw requests and answers of a run that has ended. Errors are only logged."""
    try:
        exchanges = [Exchange.of(run, number, recording) for number, recording in enumerate(recordings, 1)]
        with transaction.atomic():
            # The lock keeps the run from being deleted between this query and the insert.
            if _locked(pk=run.pk):
                insert_all([exchange for exchange in exchanges if exchange])
    except Exception:
        logger.warning("The raw requests and answers of run %s could not be stored.", run.code, exc_info=True)


@prepared(pk=BigIntegerField())
def _locked(pk: Any) -> QuerySet[Run, Any]:
    # A join would lock the row of the workspace, too.
    keepers = Workspace.objects.exclude(raw_days=0)
    return Run.objects.select_for_update().filter(pk=pk, workspace__in=keepers).values_list("pk")


def purge_exchanges() -> int:
    """Delete exchanges that neither ``RAW_RETENTION_DAYS`` nor a workspace's rule keeps; return how many."""
    before = now() - timedelta(days=settings.RAW_RETENTION_DAYS)
    purged = _purge(Exchange.objects.filter(sent_at__lt=before))
    for workspace in Workspace.objects.filter(raw_days__lt=settings.RAW_RETENTION_DAYS):
        purged += _purge(due_exchanges(workspace, Rules.of(workspace)))
    return purged


def _purge(due: QuerySet[Exchange]) -> int:
    """Delete exchanges in portions."""
    purged, portion = 0, due.order_by("sent_at", "pk").values_list("pk", "sent_at")
    while found := list(portion[:PURGED_AT_ONCE]):
        purged += Exchange.objects.filter(pk__in=[pk for pk, _ in found]).delete()[0]
        # The next portion does not pass the kept exchanges of other workspaces again.
        portion = portion.filter(sent_at__gte=found[-1][1])
    return purged
