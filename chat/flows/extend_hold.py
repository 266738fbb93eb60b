"""Holds of answers that outgrow them.

A hold covers a length that is usual for the model. An answer that becomes longer extends it before its next
words are shown, so no limit is ever passed by a word that was counted. Where nothing is left,
the answer ends and keeps its text.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from django.db import InterfaceError, OperationalError

from accounts import ledger
from accounts.exceptions import LimitReached
from chat.live.database_threads import in_database
from playground import pricing

if TYPE_CHECKING:
    from chat.live.run import LiveRun
    from chat.models import Run
    from playground.upstream.events import Event

logger = logging.getLogger(__name__)

# The kind of an error that is a limit of ours. The answer has not failed.
LIMIT = "limit"
# The tokens that an extension adds: two fifths of what is covered already, within these bounds. Smaller ones
# would need more statements, larger ones hold more than the answer needs.
LEAST_STEP, LONGEST_STEP = 128, 16_384
# Seconds between two tries while the database is unavailable.
RETRY_SECONDS = 0.5


async def covered(run: Run, live_run: LiveRun, events: list[Event]) -> list[Event]:
    """Return those of the events that the hold covers, once it is extended for the others.

    They are fewer only where a limit leaves no more: then ``live_run.cover.stopped_by`` says which.
    """
    missing = live_run.cover.missing(events)
    while missing > 0:
        try:
            granted = await in_database(_extend, run, max(missing, _step(live_run)))
        except LimitReached as limit:
            live_run.cover.stopped_by = limit.stop_text
            return live_run.cover.part(events)
        except (OperationalError, InterfaceError):
            if live_run.must_end_soon:
                raise
            logger.warning("The hold of run %s could not be extended, trying again.", run.code, exc_info=True)
            await asyncio.sleep(RETRY_SECONDS)
            continue
        live_run.cover.add(granted)
        missing -= granted
    return events


def limit_error(live_run: LiveRun) -> dict[str, Any] | None:
    """Return the limit that stopped an answer, in the form of ``Run.error``."""
    return {"kind": LIMIT, "message": live_run.cover.stopped_by} if live_run.cover.stopped_by else None


def _step(live_run: LiveRun) -> int:
    return max(LEAST_STEP, min(2 * (live_run.cover.tokens or 0) // 5, LONGEST_STEP))


def _extend(run: Run, tokens: int) -> int:
    return ledger.extend(run.code, tokens, pricing.most_for_output(run.prices) / pricing.MILLION)
