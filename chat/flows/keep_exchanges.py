from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from chat.models import Exchange, Run

if TYPE_CHECKING:
    from playground.upstream.recording.recorder import Recording

logger = logging.getLogger(__name__)

# One statement deletes no more rows than this: nobody else waits long for it.
PURGED_AT_ONCE = 200


def keep_exchanges(run: Run, recordings: list[Recording]) -> None:
    """Store what a run sent and received, after it has ended. Never raises: nobody's answer
    depends on it."""
    try:
        exchanges = [Exchange.of(run, number, recording) for number, recording in enumerate(recordings, 1)]
        with transaction.atomic():
            # Locked, so that it cannot be deleted between this look and the insert.
            if Run.objects.select_for_update().filter(pk=run.pk).exists():
                Exchange.objects.bulk_create([exchange for exchange in exchanges if exchange])
    except Exception:
        logger.warning("What run %s sent and received could not be kept.", run.code, exc_info=True)


def purge_exchanges() -> int:
    """Delete what is older than ``RAW_RETENTION_DAYS``, some at a time; return how many went."""
    before = now() - timedelta(days=settings.RAW_RETENTION_DAYS)
    purged = 0
    while pks := list(
        Exchange.objects.filter(sent_at__lt=before)
        .order_by("sent_at")
        .values_list("pk", flat=True)[:PURGED_AT_ONCE]
    ):
        purged += Exchange.objects.filter(pk__in=pks).delete()[0]
    return purged
