"""Sync a provider's models with the catalogue, and keep account of it.

A sync runs in a thread of its own, not in the request that asked for it. At most one runs for a
provider: who asks meanwhile is shown that one. It renews its row while it runs, so that one whose
process was killed is told from one that takes long.
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
from playground.models import CatalogueSync, Provider

if TYPE_CHECKING:
    from accounts.models import ApiKey, User

logger = logging.getLogger(__name__)

# One that has not been heard of for so long is dead.
QUIET = timedelta(minutes=2)
# The list says nothing about the documents behind it: they are read this often even if it is the same.
REREAD = timedelta(days=1)
KEPT = 20
_DIED = "It ended without a word: the server was probably stopped. What it had read by then is kept."


class Replaced(Exception):
    """The sync was taken for dead, and another one is at work."""


def start_sync(provider: Provider, *, by: User | None, api_key: ApiKey | None) -> CatalogueSync:
    """Begin in the background, after the commit; the sync that runs already, where one does."""
    sync, is_new = claim_sync(provider, by=by)
    if is_new:
        transaction.on_commit(partial(_launch, sync, api_key))
    return sync


@transaction.atomic
def claim_sync(provider: Provider, *, by: User | None) -> tuple[CatalogueSync, bool]:
    """A sync of one's own to run, and True; or the one that runs already, and False."""
    end_dead_syncs(provider)
    running = CatalogueSync.objects.filter(provider=provider, state=CatalogueSync.State.RUNNING)
    if found := running.first():
        return found, False
    try:
        with transaction.atomic():
            return CatalogueSync.objects.create(provider=provider, started_by=by), True
    except IntegrityError:
        # Two at the same moment: the constraint let one of them in.
        return running.get(), False


def end_dead_syncs(provider: Provider) -> None:
    CatalogueSync.objects.filter(
        provider=provider, state=CatalogueSync.State.RUNNING, beat_at__lt=now() - QUIET
    ).update(state=CatalogueSync.State.FAILED, error=_DIED, finished_at=now())


def run_sync(sync: CatalogueSync, api_key: ApiKey | None) -> None:
    """Run it to its end, which its row tells. Blocks."""
    provider = sync.provider
    try:
        with clients.catalogue_reader(provider, api_key) as reader:
            outcome = synchronise(
                provider, reader, etag=known_etag(provider), on_progress=partial(_tell, sync.pk)
            )
    except SyncFailed as failure:
        _end(sync, CatalogueSync.State.FAILED, error=str(failure)[:500])
    except Replaced:
        logger.warning("The sync of %s was taken for dead while it ran.", provider.code)
    except Exception:
        # Whatever it was, the page must not show a sync that goes on for ever.
        logger.exception("The sync of %s broke.", provider.code)
        _end(sync, CatalogueSync.State.FAILED, error="It broke. The server's log says where.")
    else:
        _finish(sync, outcome)
    sync.refresh_from_db()


def known_etag(provider: Provider) -> str:
    """Of the list that was read last, where every document behind it was read too, and lately."""
    finished = CatalogueSync.objects.filter(provider=provider, state=CatalogueSync.State.FINISHED)
    last = finished.exclude(etag="").first()
    if last is None or last.started_at < now() - REREAD or last.report.get("refused"):
        return ""
    return last.etag


def _launch(sync: CatalogueSync, api_key: ApiKey | None) -> None:
    # A daemon: a server that stops does not wait for it, and the next sync does what is left.
    threading.Thread(
        target=_run_in_thread, args=(sync, api_key), name=f"sync-{sync.provider.code}", daemon=True
    ).start()


def _run_in_thread(sync: CatalogueSync, api_key: ApiKey | None) -> None:
    try:
        run_sync(sync, api_key)
    except DatabaseError:
        # With the database away there is no row to write to; it will count as dead.
        logger.exception("The sync of %s lost the database.", sync.provider.code)
    finally:
        connections.close_all()


def _tell(pk: int, done: int, total: int) -> None:
    rows = CatalogueSync.objects.filter(pk=pk, state=CatalogueSync.State.RUNNING)
    if not rows.update(done=done, total=total, beat_at=now()):
        raise Replaced


def _finish(sync: CatalogueSync, outcome: Outcome) -> None:
    if outcome.report is None:
        # Without an ETag: the one that counts is that of a list that was read.
        _end(sync, CatalogueSync.State.FINISHED, report={"unchanged": True})
        return
    _end(sync, CatalogueSync.State.FINISHED, report=outcome.report.as_json(), etag=outcome.etag)


def _end(sync: CatalogueSync, state: CatalogueSync.State, **columns: object) -> None:
    rows = CatalogueSync.objects.filter(pk=sync.pk, state=CatalogueSync.State.RUNNING)
    rows.update(state=state, finished_at=now(), beat_at=now(), **columns)
    kept = CatalogueSync.objects.filter(provider=sync.provider).values_list("pk", flat=True)[:KEPT]
    CatalogueSync.objects.filter(provider=sync.provider).exclude(pk__in=list(kept)).delete()
