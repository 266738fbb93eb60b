"""Commands from the browser and close codes, as described in :mod:`chat.sockets`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNED_OUT, NO_ACCESS, DELETED, TOO_SLOW, FAILED, RESTARTING = 4401, 4403, 4404, 4408, 4500, 1012
WORKSPACE_DELETED = 4410

# The answer to a ping.
PONG = '{"type": "pong"}'

COMMAND_CHARACTERS = 32_768
# A comparison: its entry, and eight columns.
MOST_THREADS = 9
# Runs of one thread that a hello may name.
MOST_CURSORS = 50


@dataclass(frozen=True, slots=True)
class ThreadState:
    """The state of one thread on a page: its last message, the cursors of its live runs, and its title."""

    code: UUID
    head: str
    cursors: dict[UUID, str]
    # None if the page does not say it.
    title: str | None = None
    # The access of the reader according to the page; None if it does not say it.
    access: str | None = None
    # The key of the system prompt that the page shows, or an empty text; None if the page does not say it.
    system: str | None = None
    # The version of the queued prompts that the page shows; None if the page does not say it.
    queue: str | None = None
    # The number of unread notices that the page shows; None if the page does not say it.
    unread: str | None = None
    # The mark of the people that the page shows as here; None if it shows nobody and is not counted.
    present: str | None = None


def parse_command(text: str | None) -> dict[str, Any]:
    """Decode a command; return an empty one for anything else."""
    if not text or len(text) > COMMAND_CHARACTERS:
        return {}
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return {}


def threads_of(hello: dict[str, Any], addressed: UUID | None) -> list[ThreadState]:
    """Return the threads that a hello names; by default, the conversation in the address.

    A hello with too many threads names none.
    """
    listed = hello.get("threads")
    if not isinstance(listed, list):
        return [thread_of(hello, addressed)] if addressed else []
    if len(listed) > MOST_THREADS:
        return []
    threads = {
        code: thread_of(entry, code)
        for entry in listed
        if isinstance(entry, dict) and (code := _uuid(entry.get("code")))
    }
    return list(threads.values())


def thread_of(state: dict[str, Any], code: UUID) -> ThreadState:
    """Return the state of the thread with that code; what makes no sense in ``state`` counts as missing."""
    head, cursors = _uuid(state.get("head")), state.get("cursors")
    known: dict[UUID, str] = {}
    if isinstance(cursors, dict):
        for key, cursor in list(cursors.items())[:MOST_CURSORS]:
            if run := _uuid(key):
                known[run] = cursor if isinstance(cursor, str) else ""
    aside = (_text(state.get(name)) for name in ("title", "access", "system", "queue", "unread", "present"))
    return ThreadState(code, str(head) if head else "", known, *aside)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def frame_of(code: UUID, html: str, head: str, cursors: Mapping[UUID, object]) -> dict[str, Any]:
    """Return the content of a frame of the thread with that code."""
    return {
        "thread": str(code),
        # Templates give a subclass of str, which msgspec does not know; adding makes a plain one.
        "html": html + "",
        "head": head,
        "cursors": {str(run): str(cursor) for run, cursor in cursors.items()},
    }


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
