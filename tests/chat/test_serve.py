from __future__ import annotations

import asyncio
import gc
import subprocess
import sys

import pytest
from django.conf import settings

from chat.management.commands.serve import spare_the_collector
from chat.relays import chores


def test_what_is_loaded_at_the_start_is_not_looked_through_again():
    spare_the_collector()
    try:
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects()) < 10_000
    finally:
        gc.unfreeze()


def test_a_browser_that_has_just_gone_is_no_error():
    script = """
from chat.management.socket_protocol import SocketProtocol
socket = SocketProtocol()
socket.state = SocketProtocol.STATE_CLOSED
socket.maxMessagePayloadSize = 5
socket.sendMessage(b"too late", False)
print(socket.maxMessagePayloadSize)
"""
    # Apart: daphne brings an event loop of its own.
    words = [sys.executable, "manage.py", "shell", "-v", "0", "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, cwd=settings.BASE_DIR)
    assert done.stdout == "5\n", done.stderr


@pytest.fixture
async def given_back(monkeypatch) -> asyncio.Event:
    """Set once memory has gone back to the system twice."""
    event, times = asyncio.Event(), []
    loop = asyncio.get_running_loop()

    def give_back() -> bool:
        times.append(1)
        if len(times) == 2:
            loop.call_soon_threadsafe(event.set)
        return True

    monkeypatch.setattr(chores, "HEAP_SECONDS", 0.0)
    monkeypatch.setattr("playground.heap.give_back", give_back)
    return event


async def test_what_is_free_goes_back_to_the_system_again_and_again(given_back, relays):
    async with asyncio.timeout(30):
        await given_back.wait()
