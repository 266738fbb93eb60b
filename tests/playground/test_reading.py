"""The first bytes of an answer decide what it is, in whatever pieces they come."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.upstream.events import Event, Failed, TextDelta, Truncated, Unreadable
from playground.upstream.reading import AnswerReader

STREAM = b'data: {"choices": [{"delta": {"content": "Hi"}}]}\n\n'
BODY = b'{"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}'
BOM = b"\xef\xbb\xbf"


def read(pieces: Iterable[bytes], content_type: str = "") -> list[Event]:
    reader = AnswerReader("chat/completions", 200, {"content-type": content_type})
    return [*reader.begin(), *(event for piece in pieces for event in reader.feed(piece)), *reader.close()]


def each_byte(data: bytes) -> Iterable[bytes]:
    return (data[place : place + 1] for place in range(len(data)))


@pytest.mark.parametrize("blank", [b"", b" ", b"\r\n", b" \t\n\n ", BOM, BOM + b"\n "])
@pytest.mark.parametrize("content_type", ["", "text/event-stream", "application/json"])
@pytest.mark.parametrize("answer", [STREAM, BODY])
def test_it_minds_no_blanks_before_an_answer(answer, content_type, blank):
    assert read([blank + answer], content_type)[0] == TextDelta("Hi")
    assert read(each_byte(blank + answer), content_type)[0] == TextDelta("Hi")


def test_it_reads_many_blanks_once():
    """Joining all pieces at each read would take half an hour."""
    events = read([*[b" "] * 200_000, *[b"\n"] * 200_000, STREAM])
    assert events == [TextDelta("Hi"), Truncated()]
    (failed,) = read([b" "] * 400_000)
    assert isinstance(failed, Failed)


PIECES = st.lists(
    st.sampled_from(
        [b" ", b"\n", b"\r", BOM[:1], BOM[1:], BOM, b"d", b"data", b":", b"{", b"<", b"x", b"", STREAM, BODY]
    ),
    max_size=8,
)


def counted(events: list[Event]) -> tuple[list[Event], int]:
    """Return the events without those that count what was unreadable, and the last count.

    A count comes after the other events of the bytes that arrived together.
    """
    counts = [event.pieces for event in events if isinstance(event, Unreadable)]
    return [event for event in events if not isinstance(event, Unreadable)], max(counts, default=0)


@given(PIECES, st.sampled_from(["", "text/event-stream"]))
def test_it_gives_the_same_however_a_beginning_is_cut(pieces, content_type):
    whole = b"".join(pieces)
    at_once = counted(read([whole], content_type))
    assert counted(read(pieces, content_type)) == at_once
    assert counted(read(each_byte(whole), content_type)) == at_once
