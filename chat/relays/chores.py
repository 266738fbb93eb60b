"""Jobs that a process repeats. A failure is logged, and the job runs again."""

from __future__ import annotations

import asyncio
import functools
import logging
from typing import TYPE_CHECKING

from accounts import balances
from accounts.flows.end_sessions import purge_sessions
from accounts.flows.purge_audit_events import purge_audit_events
from accounts.flows.read_notices import purge_notices
from accounts.flows.send_outgoing_mail import note_attempt, purge_mails, take_mail, try_mail
from chat.flows.expire_conversations import expire_conversations
from chat.flows.keep_exchanges import purge_exchanges
from chat.flows.learn_statistics import learn_statistics
from chat.flows.purge_conversations import purge_conversations
from chat.flows.purge_deleted import purge_deleted as purge_items
from chat.flows.purge_workspaces import purge_workspaces
from chat.flows.sweep_files import sweep_files, sweep_orphans
from chat.live.database_threads import in_database
from playground import clients, heap
from playground.flows import check_charges
from playground.flows.refresh_balances import due_keys
from playground.flows.remind_of_keys import remind_of_keys
from playground.flows.store_charges import store_charges
from playground.upstream.errors.exceptions import UpstreamError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Job = Callable[[], Awaitable[object]]

logger = logging.getLogger(__name__)

# The interval at which freed memory returns to the system. In between, the process may reuse it.
HEAP_SECONDS = 60.0
# Seconds that a process waits, as it ends, for a mail that it is sending.
MAIL_PATIENCE = 5.0


async def forever(name: str, job: Job, seconds: float) -> None:
    """Run ``job`` again and again, with so many seconds between two runs."""
    while True:
        await attempt(name, job)
        await asyncio.sleep(seconds)


async def attempt(name: str, job: Job) -> None:
    """Run ``job`` and log its failure, whatever it is."""
    try:
        await job()
    except Exception:
        # An error that ended a chore would go unnoticed, and the chore would be missing from then on.
        logger.warning("%s failed, trying again.", name, exc_info=True)


async def tidy_up() -> None:
    """Delete what has outlived its retention, from conversations to sessions.

    Remind of keys that expire soon, too.
    """
    for tidy in (
        *(expire_conversations, purge_exchanges, sweep_files, sweep_orphans),
        *(purge_notices, purge_mails, purge_audit_events, purge_sessions),
    ):
        await attempt(tidy.__name__, functools.partial(in_database, tidy))
    await attempt(remind_of_keys.__name__, functools.partial(in_database, remind_of_keys))


async def purge_deleted() -> None:
    """Remove for good what was deleted a while ago: conversations, the parts of libraries, workspaces."""
    await in_database(purge_conversations)
    await in_database(purge_items)
    # A prompt may have been sent at the moment at which its workspace was deleted. Its relay learns at its
    # next checkpoint that it was stopped.
    await in_database(purge_workspaces)


async def refresh_balances() -> None:
    """Ask about the balances of keys that were used since the last time."""
    for provider, key in await in_database(due_keys):
        # The call blocks, and the threads of the database must not wait for a provider.
        check = await asyncio.to_thread(clients.check_key, provider, key)
        if check.balance is not None:
            await in_database(balances.store_balance, key, check.balance.as_dict())


async def send_mail() -> None:
    """Send the mails that are due, until none is left or the mail server has failed."""
    sending = asyncio.ensure_future(_send_mails())
    try:
        await asyncio.shield(sending)
    except asyncio.CancelledError:
        # A mail on its way would be sent again by another process.
        sending.cancel()
        await asyncio.wait([sending], timeout=MAIL_PATIENCE)
        raise


async def _send_mails() -> None:
    is_cancelled = False
    while not is_cancelled and (mail := await in_database(take_mail)):
        attempt = asyncio.ensure_future(asyncio.to_thread(try_mail, mail))
        try:
            failure = await asyncio.shield(attempt)
        except asyncio.CancelledError:
            is_cancelled, failure = True, await attempt
        await in_database(note_attempt, mail, failure)
        if failure is not None and not failure.is_final:
            return


async def learn() -> None:
    """Learn from the answers that have ended since the last time."""
    await in_database(learn_statistics)


async def compare_charges() -> None:
    """Compare what runs were booked at with what the providers of checked keys have charged."""
    for span in await in_database(check_charges.due_spans):
        try:
            # The call blocks, and the threads of the database must not wait for a provider.
            ends_at, charges = await asyncio.to_thread(check_charges.fetch_span, span)
        except UpstreamError as error:
            await in_database(check_charges.note_refusal, span.check, error)
        else:
            await in_database(store_charges, span, ends_at, charges)


async def return_memory() -> None:
    """Wait, then return freed memory to the system. In a thread: see :func:`playground.heap.give_back`."""
    await asyncio.sleep(HEAP_SECONDS)
    await asyncio.to_thread(heap.give_back)
