"""Bytes of a socket: what the system takes at once is not kept, and no byte overtakes another."""

from __future__ import annotations

import json
import subprocess
import sys

from django.conf import settings

# In a process of its own: importing daphne installs its reactor.
_SCRIPT = """
import json, sys
import daphne.server
from collections import deque
from types import SimpleNamespace
from twisted.internet.main import CONNECTION_LOST
from chat.management.socket_protocol import SocketProtocol

class Transport:
    def __init__(self, TLS=False, waiting="", later=0, taken=100, state="OPEN"):
        self.TLS, self.dataBuffer, self._tempDataLen = TLS, waiting.encode(), later
        self.taken = CONNECTION_LOST if taken is None else taken
        self.at_once, self.kept = b"", b""

    def writeSomeData(self, data):
        if not isinstance(self.taken, int):
            return self.taken
        self.at_once += data[: self.taken]
        return min(self.taken, len(data))

    def write(self, data):
        self.kept += data

found = []
for case in json.loads(sys.stdin.read()):
    socket = SocketProtocol()
    socket.transport = Transport(**case)
    socket.send_queue = deque()
    socket.trafficStats = SimpleNamespace(outgoingOctetsWireLevel=0, preopenOutgoingOctetsWireLevel=0)
    socket.logOctets, socket.peer = False, ""
    socket.state = getattr(SocketProtocol, "STATE_" + case.get("state", "OPEN"))
    socket.sendData(b"a frame")
    found.append([socket.transport.at_once.decode(), socket.transport.kept.decode()])
print(json.dumps(found))
"""
CASES = [
    ({}, ["a frame", ""]),
    ({"taken": 3}, ["a f", "rame"]),
    ({"taken": 0}, ["", "a frame"]),
    # The connection is lost: the reactor finds out by itself.
    ({"taken": None}, ["", "a frame"]),
    ({"waiting": "earlier"}, ["", "a frame"]),
    ({"later": 5}, ["", "a frame"]),
    ({"TLS": True}, ["", "a frame"]),
    ({"state": "CONNECTING"}, ["", "a frame"]),
]


def test_a_frame_is_written_at_once_or_kept_in_its_order():
    words = [sys.executable, "manage.py", "shell", "-v", "0", "-c", _SCRIPT]
    given = json.dumps([case for case, _ in CASES])
    done = subprocess.run(words, input=given, capture_output=True, text=True, cwd=settings.BASE_DIR)
    assert json.loads(done.stdout or "[]") == [sent for _, sent in CASES], done.stderr
