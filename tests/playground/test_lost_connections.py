from __future__ import annotations

import socket

import pytest

from playground.lost_connections import has_ended


@pytest.mark.parametrize(
    ("last_words", "is_closed", "ended"), [(b"", False, False), (b"", True, True), (b"E", False, True)]
)
def test_a_connection_with_something_to_read_has_ended(last_words, is_closed, ended):
    ours, theirs = socket.socketpair()
    theirs.sendall(last_words)
    if is_closed:
        theirs.close()
    assert has_ended(ours.fileno()) is ended
    ours.close()
    theirs.close()
