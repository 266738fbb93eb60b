"""Sync a provider's models with the catalogue, and record its course.

A sync runs in a thread of its own, not in the request that started it. At most one runs per
provider; another request to start one gets the running one. A running sync renews its row, so that
one whose process was killed differs from one that takes long.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import DatabaseError, IntegrityError, connections, transaction
from django.utils.timezone import now

from playground import clients
from playground.catalogue.sync import Outcome, SyncFailed, synchronise
from playground.exceptions import PlaygroundError
from playground.models import CatalogueSync, Provider

if TYPE_CHECKING:
    from accounts.models import ApiKey, User

logger = logging.getLogger(__name__)

# A sync whose row was not renewed for this long is dead.
QUIET = timedelta(minutes=2)
# The list does not tell whether the documents behind it changed, so an unchanged list is read again
# after this time.
REREAD = timedelta(days=1)
KEPT = 20
_DIED = "The server was probably stopped. The models read until then are kept."


class Replaced(PlaygroundError):
    """Another process took the sync for dead and ended it in the database."""


def start_sync(provider: Provider, *, actor: User | None, api_key: ApiKey | None) -> CatalogueSync:
    """Start a sync in the background after the commit; return it, or the one that is running already."""
    sync, is_new = claim_sync(provider, actor=actor)
    if is_new:
        transaction.on_commit(partial(_launch, sync, api_key))
    return sync


@transaction.atomic
def claim_sync(provider: Provider, *, actor: User | None) -> tuple[CatalogueSync, bool]:
    """Create a sync to run and return it with True, or return the running one with False."""
    end_dead_syncs(provider)
    running = CatalogueSync.objects.filter(provider=provider, state=CatalogueSync.State.RUNNING)
    if found := running.first():
        return found, False
    try:
        with transaction.atomic():
            return CatalogueSync.objects.create(provider=provider, started_by=actor), True
    except IntegrityError:
        # Another caller has created its sync at the same moment. The constraint allows only one.
        return running.get(), False


def end_dead_syncs(provider: Provider) -> None:
    CatalogueSync.objects.filter(
        provider=provider, state=CatalogueSync.State.RUNNING, beat_at__lt=now() - QUIET
    ).update(state=CatalogueSync.State.FAILED, error=_DIED, finished_at=now())


def run_sync(sync: CatalogueSync, api_key: ApiKey | None) -> None:
    """Run the sync and record its outcome in its row. Blocks."""
    provider = sync.provider
    try:
        with clients.model_list_reader(provider, api_key) as reader:
            outcome = synchronise(
                provider, reader, etag=known_etag(provider), on_progress=partial(_record_progress, sync.pk)
            )
    except SyncFailed as failure:
        _end(sync, CatalogueSync.State.FAILED, error=str(failure)[:500])
    except Replaced:
        logger.warning("The sync of %s was taken for dead while it ran.", provider.code)
    except Exception:
        # After an unexpected error, too, the page must not show a sync that runs for ever.
        logger.exception("The sync of %s broke.", provider.code)
        _end(
            sync,
            CatalogueSync.State.FAILED,
            error="Something went wrong on our side. The error is in the server's log.",
        )
    else:
        _finish(sync, outcome)
    sync.refresh_from_db()


def known_etag(provider: Provider) -> str:
    """Return the ETag of the list read last, or "" if it or a document behind it must be read again."""
    finished = CatalogueSync.objects.filter(provider=provider, state=CatalogueSync.State.FINISHED)
    last = finished.exclude(etag="").first()
    if last is None or last.started_at < now() - REREAD or last.report.get("refused"):
        return ""
    return last.etag


def _launch(sync: CatalogueSync, api_key: ApiKey | None) -> None:
    # The thread is a daemon: a stopping server does not wait for it, and the next sync does the rest.
    threading.Thread(
        target=_run_in_thread, args=(sync, api_key), name=f"sync-{sync.provider.code}", daemon=True
    ).start()


def _run_in_thread(sync: CatalogueSync, api_key: ApiKey | None) -> None:
    try:
        run_sync(sync, api_key)
    except DatabaseError:
        # The row cannot be written without the database; the sync will count as dead.
        logger.exception("The sync of %s lost the database.", sync.provider.code)
    finally:
        connections.close_all()


def _record_progress(pk: int, done: int, total: int) -> None:
    rows = CatalogueSync.objects.filter(pk=pk, state=CatalogueSync.State.RUNNING)
    if not rows.update(done=done, total=total, beat_at=now()):
        raise Replaced


def _finish(sync: CatalogueSync, outcome: Outcome) -> None:
    if outcome.report is None:
        # No ETag is stored: only that of a list that was read counts.
        _end(sync, CatalogueSync.State.FINISHED, report={"unchanged": True})
        return
    _end(sync, CatalogueSync.State.FINISHED, report=outcome.report.as_json(), etag=outcome.etag)


def _end(sync: CatalogueSync, state: CatalogueSync.State, **columns: object) -> None:
    rows = CatalogueSync.objects.filter(pk=sync.pk, state=CatalogueSync.State.RUNNING)
    rows.update(state=state, finished_at=now(), beat_at=now(), **columns)
    kept = CatalogueSync.objects.filter(provider=sync.provider).values_list("pk", flat=True)[:KEPT]
    CatalogueSync.objects.filter(provider=sync.provider).exclude(pk__in=list(kept)).delete()
