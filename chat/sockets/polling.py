"""Frames for a page that asks for them every few seconds, because websockets are blocked on its way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chat.live import registry
from chat.live.wakeups import Wakeup
from chat.relays import background
from chat.sockets.news import news
from chat.sockets.open_thread import OpenThread
from chat.sockets.protocol import frame_of, parse_command, thread_of

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User
    from chat.sockets.protocol import ThreadState

# Seconds for which a run counts as read after a poll. Copies of runs of other processes end without a reader.
LINGER_SECONDS = 15.0
# Seconds that the first poll of such a run waits for its text.
COPY_SECONDS = 1.0
# Seconds until a poll fails, if the loop of the relays does not answer.
PATIENCE_SECONDS = 15.0


def state_of(text: str, code: UUID) -> ThreadState:
    """Return what the page says it has of the conversation with that code."""
    return thread_of(parse_command(text), code)


def frames_after(user: User, state: ThreadState) -> tuple[list[dict[str, Any]], bool]:
    """Return the frames that the page lacks, and whether an answer is being written.

    :raises Http404, PermissionDenied: the reader has no access, or has lost it.
    """
    shown_live = list(state.cursors)
    aside = (state.title, state.access, state.system, state.queue, state.unread)
    found = news(user, state.code, state.head, shown_live, *aside)
    frames = []
    if found.html:
        frames.append(frame_of(state.code, found.html, found.head, state.cursors))
    cursors = {run: cursor for run, cursor in state.cursors.items() if run not in found.ended}
    frames += [frame_of(state.code, html, found.head, cursors) for html in found.done.values()]
    if found.live:
        # Live runs belong to the thread of the loop.
        shown = replace(state, head=found.head, cursors=cursors)
        delta = _delta(shown, found.live, hides_names=found.hides_names)
        reading = asyncio.run_coroutine_threadsafe(delta, background.supervisor().loop)
        if frame := reading.result(PATIENCE_SECONDS):
            frames.append(frame)
    return frames, bool(found.live)


async def _delta(state: ThreadState, live: dict[UUID, str], *, hides_names: bool) -> dict[str, Any] | None:
    """Return the frame with what the page lacks of these live runs, given with the owners of their leases."""
    thread = OpenThread(state, Wakeup())
    thread.hides_names = hides_names
    is_known = all(registry.find(run) for run in live)
    thread.watch(live)
    asyncio.get_running_loop().call_later(LINGER_SECONDS, thread.unwatch_all)
    if not is_known:
        await thread.wait_for_text(COPY_SECONDS)
    html = thread.delta()
    return thread.frame(html) if html else None
