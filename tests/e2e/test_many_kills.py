"""A server that is killed several times while answers run. KILLS sets how often, 3 by default."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.cache import cache

from tests.e2e.test_killed_server import eventually
from tests.installation import Installation

if TYPE_CHECKING:
    from collections.abc import Iterator

KILLS = int(os.environ.get("KILLS", "3"))
STREAMS = 20
LIVE = "Run.objects.filter(status__in=['queued', 'running']).count()"
STATES = "sorted(set(Run.objects.values_list('status', flat=True)))"
UNSETTLED = (
    "Run.objects.exclude(code__in=LedgerEntry.objects.values('run_code'))"
    ".exclude(code__in=Hold.objects.filter(state='released').values('run_code')).count()"
)


@pytest.fixture
def installation(tmp_path, upstream, shared_database, request) -> Iterator[Installation]:
    """Yield an installation on the database and the Redis of the tests, where the environment names them."""
    # Redis counts sign-ins by address, and all tests come from the same one.
    cache.clear()
    redis = {"REDIS_URL": settings.REDIS_URL} if settings.REDIS_URL else {}
    installation = Installation(tmp_path, **shared_database, **redis, RUN_LEASE_SECONDS="3")
    if shared_database:
        installation.prepare()
        installation.add_scripted_provider(upstream.base_url)
    else:
        installation.copy(request.getfixturevalue("prepared"))
    installation.start()
    yield installation
    installation.stop()


def test_every_run_ends_once_and_no_hold_remains(installation: Installation, visitor):
    chance = random.Random(7)
    for _ in range(KILLS):
        for number in range(STREAMS):
            visitor.start(f"Tell me about river {number}", "demo/slow")
        time.sleep(chance.uniform(0, 1.5))
        installation.kill()
        installation.start()
    eventually(lambda: installation.query(LIVE) == 0, within=60)

    assert set(installation.query(STATES)) <= {"finished", "interrupted"}
    assert installation.query("Run.objects.count()") == KILLS * STREAMS
    assert installation.query("Hold.objects.filter(state='open').count()") == 0
    # The table allows one ledger entry per run at most, so only missing ones have to be looked for.
    assert installation.query(UNSETTLED) == 0
    assert installation.manage("audit_ledger")
