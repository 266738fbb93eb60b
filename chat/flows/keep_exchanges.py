from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField
from django.utils.timezone import now

from accounts.inserting import insert_all
from accounts.prepared import prepared
from chat.models import Exchange, Run

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
    return Run.objects.select_for_update().filter(pk=pk).values_list("pk")


def purge_exchanges() -> int:
    """Delete exchanges older than ``RAW_RETENTION_DAYS``, in batches; return the number of deleted rows."""
    before = now() - timedelta(days=settings.RAW_RETENTION_DAYS)
    purged = 0
    while pks := list(
        Exchange.objects.filter(sent_at__lt=before)
        .order_by("sent_at")
        .values_list("pk", flat=True)[:PURGED_AT_ONCE]
    ):
        purged += Exchange.objects.filter(pk__in=pks).delete()[0]
    return purged
