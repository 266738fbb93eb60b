"""The event stream format, case by case as the web platform tests have them, in our own words.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.sse import EventTooLarge, ServerSentEvent, SseParser


def parse(*pieces: bytes, flush_at_end: bool = False) -> list[ServerSentEvent]:
    parser = SseParser(flush_at_end=flush_at_end)
    events = [event for piece in pieces for event in parser.feed(piece)]
    return events + parser.close()


def texts(*pieces: bytes) -> list[str]:
    return [event.text for event in parse(*pieces)]


# --- format-bom, format-bom-2 ---


def test_it_drops_one_byte_order_mark():
    assert texts(b"\xef\xbb\xbfdata:1\n\ndata:2\n\n") == ["1", "2"]


def test_it_drops_a_byte_order_mark_that_comes_in_pieces():
    assert texts(b"\xef", b"\xbb", b"", b"\xbfdata:1\n\n") == ["1"]


def test_it_takes_a_second_byte_order_mark_as_part_of_the_field_name():
    assert texts(b"\xef\xbb\xbf\xef\xbb\xbfdata:1\n\ndata:2\n\n") == ["2"]


def test_it_takes_a_late_byte_order_mark_as_part_of_the_field_name():
    assert texts(b"data:1\n\n\xef\xbb\xbfdata:2\n\ndata:3\n\n") == ["1", "3"]


def test_it_keeps_bytes_that_only_begin_like_a_byte_order_mark():
    assert texts(b"\xef\xbb", b"data:1\n\ndata:2\n\n") == ["2"]


# --- format-comments ---


def test_it_ignores_comments():
    long = b":" + b"x" * 2_000 + b"\n"
    assert texts(b"data:1\n:\0\n:\r\ndata:2\n" + long + b":data:never\ndata:3\n\n") == ["1\n2\n3"]


# --- format-data-before-final-empty-line ---


def test_it_discards_what_no_blank_line_ends():
    events = parse(b"retry:1000\ndata:test1\n\nid:test\ndata:test2")
    assert [(event.text, event.last_event_id) for event in events] == [("test1", "")]


def test_it_can_be_told_to_keep_what_no_blank_line_ends():
    events = parse(b"data:1\n\ndata: [DONE]", flush_at_end=True)
    assert [event.text for event in events] == ["1", "[DONE]"]


# --- format-field-data ---


def test_it_dispatches_empty_data_but_not_the_lack_of_data():
    assert texts(b"data:\n\ndata\ndata\n\ndata:test\n\n") == ["", "\n", "test"]
    assert texts(b"event: ping\n\nid: 1\n\n\n\n: nothing\n\n") == []


# --- event-data: lines of several ends, one leading space ---


def test_it_joins_lines_of_data():
    stream = b"data:msg\ndata: msg\n\n:\nfalsefield:msg\n\nfalsefield:msg\nData:data\n\ndata\n\ndata:end\n\n"
    assert texts(stream) == ["msg\nmsg", "", "end"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"data:test", "test"),
        (b"data: test", "test"),
        (b"data:  test", " test"),
        (b"data:\ttest", "\ttest"),
        (b"data: test ", "test "),
        (b"data:a:b", "a:b"),
        (b"data : test", None),
        (b" data: test", None),
    ],
)
def test_it_removes_one_space_and_no_more(line, text):
    assert texts(line + b"\n\n") == ([] if text is None else [text])


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_it_takes_each_line_end_of_the_standard(end):
    assert texts(b"data:1" + end + b"data:2" + end * 2 + b"data:3" + end * 2) == ["1\n2", "3"]


def test_it_takes_mixed_line_ends():
    assert texts(b"data:1\r\ndata:2\rdata:3\n\r\ndata:4\r\r") == ["1\n2\n3", "4"]


def test_it_does_not_wait_for_a_line_feed_after_a_carriage_return():
    parser = SseParser()
    assert [event.text for event in parser.feed(b"data:1\r\r")] == ["1"]


def test_it_takes_a_line_feed_that_comes_late_as_half_of_its_line_end():
    assert texts(b"data:1\r", b"\ndata:2\r", b"\n\r", b"\n") == ["1\n2"]


def test_it_takes_an_empty_read_between_the_halves_of_a_line_end():
    assert texts(b"data:1\r", b"", b"\ndata:2\n\n") == ["1\n2"]


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\u0085", "\v", "\f", "\x1c", "\x1e"])
def test_it_breaks_lines_nowhere_else(character):
    text = f"a{character}b"
    assert texts(f"data:{text}\n\n".encode()) == [text]


# --- format-field-parsing, format-field-unknown, format-leading-space, format-newlines ---


def test_it_takes_field_names_letter_by_letter():
    stream = (
        b"data:\0\ndata:  two\rData:no\ndata\0:no\ndata:1\r\0data:no\nda-ta:no\rdata_no\n"
        b"data:3\rdata:\r\n data:no\ndata:4\n\n"
    )
    assert texts(stream) == ["\0\n two\n1\n3\n\n4"]


def test_it_ignores_fields_that_it_does_not_know():
    assert texts(b"data:one\n data:no\ndata\ndatas:no\nfoobar:no\njustsome words\n:no\ndata:two\n\n") == [
        "one\n\ntwo"
    ]


def test_it_removes_a_space_and_leaves_what_follows_it():
    assert texts(b"data:\ttest\rdata: \ndata:  x\ndata:test\n\n") == ["\ttest\n\n x\ntest"]


def test_it_takes_a_blank_line_of_any_line_ends():
    assert texts(b"data:1\r\ndata\ndata:2\r\n\rdata:3\r\r\ndata:4\n\r\n") == ["1\n\n2", "3", "4"]


# --- format-field-event, format-field-event-empty, field-name-event ---


def test_it_reads_the_name_of_an_event_for_that_event_alone():
    events = parse(b"event:test\ndata:x\n\ndata:x\n\n")
    assert [event.event for event in events] == ["test", "message"]


def test_it_takes_an_empty_name_for_none():
    assert [event.event for event in parse(b"event: \ndata:data\n\n")] == ["message"]


def test_it_forgets_the_name_of_an_event_without_data():
    assert [event.event for event in parse(b"event:test\n\ndata:x\n\n")] == ["message"]


# --- format-field-id, -2, -3, -null ---


def test_it_keeps_the_last_id():
    events = parse(b"id:1\ndata:a\n\ndata:b\n\nid\ndata:c\n\ndata:d\n\n")
    assert [event.last_event_id for event in events] == ["1", "1", "", ""]


def test_it_keeps_an_id_that_came_without_data():
    assert parse(b"id:7\n\ndata:a\n\n")[0].last_event_id == "7"


@pytest.mark.parametrize("value", [b"\0\0", b"x\0", b"\0x", b"x\0x"])
def test_it_ignores_an_id_with_a_null_in_it(value):
    events = parse(b"id:1\n\nid:" + value + b"\ndata:x\n\n")
    assert events[0].last_event_id == "1"


# --- format-field-retry, format-field-retry-bogus ---


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"3000", 3000),
        (b"03", 3),
        (b"+5", None),
        (b"-5", None),
        (b"3000x", None),
        (b"", None),
        (b"1.5", None),
    ],
)
def test_it_takes_a_retry_of_digits_alone(value, expected):
    parser = SseParser()
    parser.feed(b"retry:" + value + b"\n\n")
    assert parser.retry_ms == expected


def test_it_reads_fields_by_their_exact_names():
    parser = SseParser()
    assert parser.feed(b"Retry:1\nID:2\nEVENT:3\nDATA:4\nretry :5\n\n") == []
    assert parser.retry_ms is None


# --- format-null-character, format-utf-8 ---


def test_it_keeps_null_characters_in_data():
    assert texts(b"data:\0\n\n") == ["\0"]


def test_it_reads_a_field_name_with_a_null_as_another_field():
    assert texts(b"\0data:x\n\n") == []


def test_it_decodes_utf_8_and_nothing_else():
    assert texts("data:ok…\n\n".encode()) == ["ok…"]
    assert texts(b"data:\xff\n\n") == ["\N{REPLACEMENT CHARACTER}"]


# --- limits ---


def test_it_refuses_an_event_over_the_limit_however_it_comes():
    for pieces in ([b"data:" + b"x" * 100], [b"data:"] + [b"x"] * 100, [b"data:" + b"x" * 100 + b"\n\n"]):
        parser = SseParser(max_event_bytes=64)
        with pytest.raises(EventTooLarge) as caught:
            for piece in pieces:
                parser.feed(piece)
        assert caught.value.kind is FailureKind.TOO_LARGE


def test_an_event_has_at_most_16_megabytes():
    line = b"data:" + b"x" * (16 * 1024 * 1024 - 5)
    assert SseParser().feed(line) == []
    with pytest.raises(EventTooLarge, match="more than 16,384 kB"):
        SseParser().feed(line + b"x")


def test_it_hands_over_the_events_before_one_that_is_too_large():
    parser = SseParser(max_event_bytes=64)
    with pytest.raises(EventTooLarge) as caught:
        parser.feed(b"data:1\n\ndata:2\n\ndata:" + b"x" * 100)
    assert [event.text for event in caught.value.events] == ["1", "2"]


def test_an_event_as_large_as_the_limit_is_read_beside_others():
    largest = b"data: " + b"x" * 58
    parser = SseParser(max_event_bytes=64)
    assert [event.text for event in parser.feed(largest + b"\n\ndata: y\n\n")] == ["x" * 58, "y"]


def test_it_limits_events_and_not_streams():
    parser = SseParser(max_event_bytes=64)
    assert sum(len(parser.feed(b"data:1\n\n" * 50)) for _ in range(10)) == 500


def test_it_never_joins_the_pieces_of_one_event_before_its_end():
    parser = SseParser()
    for _ in range(100_000):
        parser.feed(b"x")
    # Joining them at each read would take minutes for these.
    assert len(parser.feed(b"\n\ndata:1\n\n")) == 1


# --- any stream, any cut ---

FRAGMENTS = st.sampled_from(
    [
        *(b"data", b":", b" ", b"x", b"\n", b"\r", b"\r\n", b"\n\n", b"data: {}\n\n", b"\0"),
        *(b"id:1", b"id", b"event:e", b"retry:5\n", b": c\n"),
        *(b"\xef\xbb\xbf", "ż".encode(), b"\xf0\x9f\x91\xa9"),
    ]
)


def by_the_book(stream: bytes) -> list[tuple[bytes, str, str]]:
    """Parse a whole stream with the standard's algorithm, line by line."""
    events, data, name, last_id, pending_id = [], b"", b"", b"", b""
    text = stream.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for line in text.split(b"\n")[:-1]:
        if not line:
            last_id = pending_id
            if data:
                events.append(
                    (
                        data[:-1],
                        (name or b"message").decode("utf-8", "replace"),
                        last_id.decode("utf-8", "replace"),
                    )
                )
            data = name = b""
            continue
        field, _, value = line.partition(b":")
        value = value[1:] if value.startswith(b" ") else value
        if field == b"data":
            data += value + b"\n"
        elif field == b"event":
            name = value
        elif field == b"id" and b"\0" not in value:
            pending_id = value
    return events


@given(st.lists(FRAGMENTS, max_size=40), st.data())
def test_it_agrees_with_the_standard_for_any_stream_cut_anywhere(fragments, data):
    stream = b"".join(fragments)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=12).map(sorted))
    pieces = [stream[start:end] for start, end in pairwise([0, *cuts, len(stream)])]
    found = [(event.data, event.event, event.last_event_id) for event in parse(*pieces)]
    assert found == by_the_book(stream)
