from __future__ import annotations

import gc
import subprocess
import sys

from django.conf import settings

from chat.management.commands.serve import spare_the_collector


def test_what_is_loaded_at_the_start_is_not_looked_through_again():
    spare_the_collector()
    try:
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects()) < 10_000
    finally:
        gc.unfreeze()


def test_a_browser_that_has_just_gone_is_no_error():
    script = """
from chat.management.commands.serve import adapt_sockets
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
adapt_sockets()
socket = WebSocketFactory.protocol()
socket.state = WebSocketProtocol.STATE_CLOSED
socket.maxMessagePayloadSize = 5
socket.sendMessage(b"too late", False)
print(socket.maxMessagePayloadSize)
"""
    # Apart: daphne brings an event loop of its own.
    words = [sys.executable, "manage.py", "shell", "-v", "0", "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, cwd=settings.BASE_DIR)
    assert done.stdout == "5\n", done.stderr
