"""Checkpoints that fail, wholly, in part or only seemingly."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.timezone import now

from chat.flows.reap_runs import logged_answer
from chat.live.database_threads import _THREADS, close_connections, in_database
from chat.live.run import LiveRun
from chat.models import Run, RunChunk
from chat.relays import chores
from chat.relays.supervisor import Supervisor
from playground.upstream.events import TextDelta

pytestmark = [pytest.mark.django_db(transaction=True)]


class Relayed:
    """A relayed run whose upstream is the test."""

    def __init__(self, relays: Supervisor, run: Run) -> None:
        self.run = run
        self.live = LiveRun(run.pk, run.code, run.thread.code)
        self.live.begin()
        relays._relays[run.code] = (self.live, asyncio.ensure_future(asyncio.sleep(0)))

    def says(self, text: str) -> None:
        self.live.apply([TextDelta(text)])

    @sync_to_async
    def logged(self) -> str:
        return logged_answer(self.run).text

    @sync_to_async
    def is_renewed(self) -> bool:
        """Return whether the lease was renewed since the last call, and let it expire again."""
        moment = now()
        was = Run.objects.get(pk=self.run.pk).lease_expires_at
        Run.objects.filter(pk=self.run.pk).update(lease_expires_at=moment)
        return was > moment


@pytest.fixture
async def relays(transactional_db):
    """A supervisor whose chores the test runs."""
    yield Supervisor(asyncio.get_running_loop())
    await asyncio.to_thread(close_connections)


@pytest.fixture
async def first(relays, queued_run) -> Relayed:
    return await claimed(relays, queued_run)


@pytest.fixture
async def second(relays, second_run) -> Relayed:
    return await claimed(relays, second_run)


async def claimed(relays: Supervisor, run: Run) -> Relayed:
    await Run.objects.filter(pk=run.pk).aupdate(
        status=Run.Status.RUNNING,
        lease_owner=relays.owner,
        lease_expires_at=now() - timedelta(seconds=1),
        fence=1,
    )
    return Relayed(relays, run)


@pytest.fixture
def lost_commits(monkeypatch) -> list[str]:
    """Errors for the next commits: each commit happens, and its reply gets lost."""
    left: list[str] = []
    commit = vars(BaseDatabaseWrapper)["_commit"]

    def answerless(self):
        commit(self)
        if left:
            raise OperationalError(left.pop())

    monkeypatch.setattr(BaseDatabaseWrapper, "_commit", answerless)
    return left


@pytest.mark.parametrize("times", [1, 2, 7])
async def test_a_commit_whose_answer_is_lost_doubles_nothing(relays, first, second, lost_commits, times):
    first.says("Hello ")
    second.says("One ")
    lost_commits += ["server closed the connection unexpectedly"] * times
    checkpoints = 0
    while lost_commits:
        await chores.attempt("A checkpoint", relays._checkpoint)
        second.says(f"{(checkpoints := checkpoints + 1)} ")
        assert await first.is_renewed() and await second.is_renewed()
    first.says("world")
    for _ in range(2):
        await relays._checkpoint()

    assert await first.logged() == "Hello world"
    assert await second.logged() == "One " + "".join(f"{number} " for number in range(1, checkpoints + 1))
    assert await first.is_renewed() and await second.is_renewed()
    assert first.live.stretch() is None


async def test_what_cannot_be_stored_of_one_run_costs_the_others_nothing(relays, first, second, monkeypatch):
    first.says("Hello ")
    second.says("One ")
    create = RunChunk.objects.bulk_create

    def refusing(chunks, **options):
        chunks = list(chunks)
        if any(chunk.run_id == first.run.pk for chunk in chunks):
            raise OperationalError("too much")
        return create(chunks, **options)

    monkeypatch.setattr(RunChunk.objects, "bulk_create", refusing)
    for _ in range(2):
        await relays._checkpoint()
        assert await first.is_renewed() and await second.is_renewed()
    assert (await first.logged(), await second.logged()) == ("", "One ")

    monkeypatch.undo()
    first.says("world")
    for _ in range(2):
        await relays._checkpoint()
    assert await first.logged() == "Hello world"


async def test_what_cannot_be_written_down_costs_the_others_nothing(relays, first, second):
    """Half a character has no bytes."""
    first.says("\ud800")
    second.says("One ")

    await relays._checkpoint()

    assert await second.logged() == "One "
    assert await first.is_renewed() and await second.is_renewed()


async def test_a_run_that_is_relayed_here_is_not_reaped_here(relays, first, second_run):
    """However long no checkpoint could renew its lease; one of a process that has gone is."""
    await Run.objects.aupdate(lease_expires_at=now() - timedelta(minutes=1))

    await relays._reap()

    await sync_to_async(second_run.refresh_from_db)()
    await sync_to_async(first.run.refresh_from_db)()
    assert (first.run.status, second_run.status) == (Run.Status.RUNNING, Run.Status.INTERRUPTED)


async def test_a_lease_is_renewed_while_every_other_thread_is_busy(relays, first):
    go_on = threading.Event()
    busy = [asyncio.ensure_future(in_database(go_on.wait, 30)) for _ in range(2 * _THREADS)]
    first.says("Hello")

    await asyncio.wait_for(relays._checkpoint(), 20)

    go_on.set()
    await asyncio.gather(*busy)
    assert await first.is_renewed()
    assert await first.logged() == "Hello"


async def test_a_chore_goes_on_whatever_happens(caplog):
    done = asyncio.Event()
    tries = 0

    async def chore():
        nonlocal tries
        tries += 1
        if tries < 3:
            raise ValueError("nobody thought of this")
        done.set()

    task = asyncio.ensure_future(chores.forever("The chore", chore, 0))
    await asyncio.wait_for(done.wait(), 20)

    assert caplog.text.count("The chore failed, trying again.") == 2
    task.cancel()
