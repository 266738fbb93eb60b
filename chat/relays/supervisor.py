"""The relays of one event loop, and the chores that keep their logs and leases up to date."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from contextvars import Context
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.db import connection

from chat.flows.advance_experiment import advance_after, advance_experiments
from chat.flows.checkpoint_runs import Stretch, checkpoint_runs
from chat.flows.claim_runs import give_back
from chat.flows.following_runs import following_runs
from chat.flows.open_echo_run import open_echo_run
from chat.flows.reap_runs import reap_runs
from chat.flows.relay_run import relay_run, request_for
from chat.flows.send_next_queued import send_due_prompts
from chat.live import broadcast, registry, tail
from chat.live.database_threads import for_heartbeat, in_database
from chat.live.peers import Peers
from chat.live.presence import BEAT_SECONDS, PRESENCE, PresenceSender, presence
from chat.live.run import LiveRun
from chat.live.wakeups import running_loop
from chat.models import Run
from chat.relays import chores
from chat.relays.dispatcher import QUEUE, RunQueue
from playground import clients

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from uuid import UUID

    from chat.relays.dispatcher import Claim
    from playground.upstream.events import Failed
    from playground.upstream.transport.requests import StreamRequest

logger = logging.getLogger(__name__)
T = TypeVar("T")

REAP_SECONDS = 5.0
PURGE_SECONDS = 3600.0
PURGE_CONVERSATIONS_SECONDS = 20.0
BALANCE_SECONDS = 60.0
MAIL_SECONDS = 5.0
LEARN_SECONDS = 60.0
# Time that pages have to receive the close of their sockets, and how often that is checked.
CLOSING_SECONDS, CLOSING_CHECKS = 1.0, 50


class Supervisor:
    """The relays of one event loop. ``start`` and ``stop`` may be called from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        # The name of this process in leases. The random part tells it from an earlier process
        # with the same pid.
        self.owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._relays: dict[UUID, tuple[LiveRun, asyncio.Task[None]]] = {}
        # The loop keeps only weak references; without ours a task could vanish mid-stream.
        self._chores: set[asyncio.Task[Any]] = set()
        self._is_draining = False
        self._tail = tail.Writer()
        self._peers: Peers | None = None
        self._outgoing: broadcast.Outgoing | None = None
        self._queue = RunQueue(loop, self)
        self._dispatcher: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start the chores. On the loop's thread."""
        self._dispatcher = self._spawn(self._queue.dispatch_forever())
        self._chores = {
            self._repeat("A checkpoint", self._checkpoint, settings.CHECKPOINT_MILLISECONDS / 1000),
            self._repeat("Reaping", self._reap, REAP_SECONDS),
            self._repeat("Deleting old data", chores.tidy_up, PURGE_SECONDS),
            self._repeat("Purging conversations", chores.purge_deleted, PURGE_CONVERSATIONS_SECONDS),
            self._repeat("Asking for balances", chores.refresh_balances, BALANCE_SECONDS),
            self._repeat("Comparing charges", chores.compare_charges, BALANCE_SECONDS),
            self._repeat("Sending mail", chores.send_mail, MAIL_SECONDS),
            self._repeat("Learning from answers", chores.learn, LEARN_SECONDS),
            self._repeat("Returning memory", chores.return_memory, 0),
        }
        if settings.REDIS_URL:
            self._connect_peers()
        broadcast.attach(self.loop, self._outgoing)

    def _connect_peers(self) -> None:
        self._peers = Peers(
            {
                broadcast.WAKE_UPS: broadcast.receive,
                tail.PIECES: tail.inbox.receive,
                QUEUE: self._poll_queue,
                PRESENCE: presence.receive,
            },
            on_gap=broadcast.wake_all,
        )
        self._outgoing = broadcast.Outgoing(self._peers)
        presence.sender = PresenceSender(presence, self._peers)
        self._chores |= {
            self._repeat("Telling who is here", presence.sender.send_next, 0),
            self._repeat("Telling of all who are here", presence.sender.beat, BEAT_SECONDS),
            self._spawn(self._peers.listen()),
            self._repeat("Sending wake-ups", self._outgoing.send_next, 0),
            self._repeat("Sending new events", self._send_events, tail.SEND_SECONDS),
        }

    def start(self, run: Run) -> None:
        live_run = LiveRun(run.pk, run.code, run.conversation_code)
        # Within a transaction, nobody else would see the claim. The thread of a loop must not wait.
        may_query = not connection.in_atomic_block and running_loop() is None
        if may_query and self._queue.claim_at_once(run):
            live_run.request = self._request_for(run)
            self.loop.call_soon_threadsafe(self._start_claimed, live_run, run, context=Context())
        else:
            self.loop.call_soon_threadsafe(self._start, live_run, context=Context())

    @staticmethod
    def _request_for(run: Run) -> StreamRequest | Failed | None:
        """Make the request on the thread that has opened the run: the first token then waits for no other."""
        try:
            return request_for(run)
        except Exception:
            # The relay makes it once more, and reports what is wrong.
            logger.warning("The request of run %s could not be made at once.", run.code, exc_info=True)
            return None

    def stop(self, code: UUID) -> None:
        self.loop.call_soon_threadsafe(self._end_early, code)

    def tasks(self) -> list[asyncio.Task[None]]:
        """Return the tasks of all relays, of waiting runs too."""
        return [task for _, task in self._relays.values()]

    def count(self) -> int:
        return len(self._relays)

    def is_relayed(self, code: UUID) -> bool:
        return code in self._relays

    async def drain(self, patience: float = 0.0) -> None:
        """Stop this process's work: begin no runs, leave waiting ones to other processes, end the rest.

        Relays have ``patience`` seconds to end by themselves. Then they end as interrupted, with
        their text. The chores stop last.
        """
        self._is_draining = True
        broadcast.announce_end()
        await self._leave_queue()
        for live_run, _ in self._relays.values():
            live_run.must_end_soon = True
        await self._wait_for_pages()
        if tasks := self.tasks():
            await asyncio.wait(tasks, timeout=patience)
        for live_run, _ in self._relays.values():
            live_run.end_early(Run.Status.INTERRUPTED)
        await asyncio.gather(*self.tasks(), return_exceptions=True)
        await self._stop_chores()
        await clients.close_upstream_client()

    async def _leave_queue(self) -> None:
        self._queue.close()
        if self._dispatcher is not None:
            # A cancelled poll could lose the runs that it claims meanwhile.
            await self._dispatcher
        self._queue.leave()

    async def _wait_for_pages(self) -> None:
        """Wait until all sockets have sent their close frames: the server cuts connections off next."""
        for _ in range(CLOSING_CHECKS):
            if not broadcast.has_pages():
                return
            await asyncio.sleep(CLOSING_SECONDS / CLOSING_CHECKS)

    async def _stop_chores(self) -> None:
        if self._peers and self._outgoing:
            await self._outgoing.send()
            await self._tail.send(self._peers)
        for chore in self._chores:
            chore.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        presence.sender = None
        if self._peers:
            await self._peers.aclose()

    def _spawn(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        # The context of a request points asgiref at an executor that is gone once the response is
        # sent, so each task has a fresh one.
        return self.loop.create_task(coroutine, context=Context())

    def _repeat(self, name: str, job: chores.Job, seconds: float) -> asyncio.Task[None]:
        return self._spawn(chores.forever(name, job, seconds))

    def _in_background(self, coroutine: Coroutine[Any, Any, object]) -> None:
        chore = self._spawn(coroutine)
        self._chores.add(chore)
        chore.add_done_callback(self._chores.discard)

    def _start(self, live_run: LiveRun) -> None:
        if live_run.code in self._relays:
            return
        if self._is_draining:
            # Another process takes the run from the queue.
            self.announce_queue()
            return
        self.relay(live_run, self._queue.request(live_run))

    def _start_claimed(self, live_run: LiveRun, run: Run) -> None:
        claim = self._queue.take_reserved(run)
        if self._is_draining:
            self._in_background(in_database(give_back, run))
            self.announce_queue()
            return
        self.relay(live_run, claim)

    def relay(self, live_run: LiveRun, claim: Claim) -> None:
        """Start the task that relays a run once ``claim`` has it."""
        registry.open_relayed(live_run)
        task = self._spawn(self._relay(live_run, claim))
        self._relays[live_run.code] = (live_run, task)
        task.add_done_callback(lambda ended: self._forget(live_run, ended))
        if live_run.conversation_code is None:
            broadcast.announce_run(live_run.code, None)

    async def _relay(self, live_run: LiveRun, claim: Claim) -> None:
        await relay_run(live_run, claim)
        if live_run.conversation_code is not None and live_run.answer.has_tool_calls:
            await chores.attempt("Echoing the calls of an answer", partial(self._echo, live_run))
        if live_run.conversation_code is not None:
            await chores.attempt("Sending what follows an answer", partial(self._send_following, live_run))
        else:
            await chores.attempt("Continuing an experiment", partial(self._continue, live_run))

    async def _echo(self, live_run: LiveRun) -> None:
        if run := await in_database(open_echo_run, live_run.run_pk):
            self._start(LiveRun(run.pk, run.code, run.conversation_code))

    async def _send_following(self, live_run: LiveRun) -> None:
        """Start the next queued prompt, and the run that makes a title."""
        code = None if self._is_draining else live_run.conversation_code
        for run in await in_database(following_runs, live_run.run_pk, code):
            self._start(LiveRun(run.pk, run.code, run.conversation_code))

    def _start_all(self, runs: list[Run]) -> None:
        for run in runs:
            self._start(LiveRun(run.pk, run.code, run.conversation_code))

    async def _continue(self, live_run: LiveRun) -> None:
        if not self._is_draining:
            self._start_all(await in_database(advance_after, live_run.run_pk))

    def _forget(self, live_run: LiveRun, task: asyncio.Task[None]) -> None:
        self._relays.pop(live_run.code, None)
        self._queue.forget(live_run)
        registry.close_relayed(live_run)
        if not live_run.has_ended:
            live_run.lose()
        if self._peers:
            self._tail.end(live_run)
            self._in_background(self._tail.send(self._peers))
        if not task.cancelled() and (error := task.exception()):
            logger.error("The relay of run %s died; the reaper ends it.", live_run.code, exc_info=error)

    def _end_early(self, code: UUID, status: str = Run.Status.STOPPED) -> None:
        if relay := self._relays.get(code):
            live_run, _ = relay
            live_run.end_early(status)

    def announce_queue(self) -> None:
        """Tell other processes that the queue has changed."""
        if self._peers:
            self._in_background(self._peers.publish(QUEUE, b""))

    def _poll_queue(self, _: bytes) -> None:
        self._queue.ask()

    async def _send_events(self) -> None:
        if self._peers:
            self._tail.gather(live_run for live_run, _ in self._relays.values())
            await self._tail.send(self._peers)

    async def _checkpoint(self) -> None:
        live_runs = {
            live_run.run_pk: live_run for live_run, _ in self._relays.values() if live_run.is_claimed
        }
        if not live_runs:
            return
        stretches = [stretch for live_run in live_runs.values() if (stretch := self._stretch_of(live_run))]
        if self._peers:
            self._in_background(self._tail.send(self._peers))
        checkpoint = await for_heartbeat(checkpoint_runs, self.owner, list(live_runs), stretches)
        for stretch in stretches:
            if stretch.run_pk in checkpoint.stored:
                live_runs[stretch.run_pk].note_stored(stretch.seq)
        for pk in checkpoint.to_stop:
            self._end_early(live_runs[pk].code)
        for pk in checkpoint.lost:
            # The run was ended elsewhere, or deleted with its conversation.
            self._end_early(live_runs[pk].code, Run.Status.INTERRUPTED)

    def _stretch_of(self, live_run: LiveRun) -> Stretch | None:
        try:
            if self._peers:
                # No piece of the tail may reach across the end of a stretch.
                self._tail.gather([live_run])
            found = live_run.stretch()
        except Exception:
            # A checkpoint that failed here would let all other runs of this process look abandoned.
            logger.exception("Events of run %s cannot be stored.", live_run.code)
            return None
        return Stretch(live_run.run_pk, *found) if found else None

    async def _reap(self) -> None:
        # After a time without the database, the reaper may look before a checkpoint has renewed
        # the leases of this process.
        await in_database(reap_runs, spared=[live_run.run_pk for live_run, _ in self._relays.values()])
        if not self._is_draining:
            self._start_all(await in_database(send_due_prompts))
            self._start_all(await in_database(advance_experiments))
