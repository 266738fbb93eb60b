"""The reader of measurements, which has to notice every loss."""

from __future__ import annotations

import time

from bench.reader import Reader

RUN, MESSAGE = "run-6c6f1f0e-0000-4000-8000-000000000001", "message-6c6f1f0e-0000-4000-8000-000000000002"


def frame(blocks: str = "", tail: str = "", how: str = "beforeend") -> str:
    first = f'<div hx-swap-oob="{how}:#{RUN}-blocks">{blocks}</div>' if blocks else ""
    second = f'<div hx-swap-oob="innerHTML:#{RUN}-tail">{tail}</div>'
    return f'{first}{second}<div hx-swap-oob="innerHTML:#{RUN}-receipt">9</div>'


def done(text: str) -> str:
    return f'<div hx-swap-oob="outerHTML:#{MESSAGE}"><article id="{MESSAGE}"><p>{text}</p></article></div>'


def read(expected: int, *frames: str) -> Reader:
    reader = Reader(expected)
    for html in frames:
        reader.take(html)
    return reader


def test_it_knows_a_whole_answer():
    reader = read(
        5,
        frame(tail="<p>w0 w1</p>"),
        frame(blocks="<p>w0 w1 w2</p>", tail="<p>w3</p>"),
        frame(tail="<p>w3 w4</p>"),
        done("w0 w1 w2 w3 w4"),
    )
    assert reader.is_whole and reader.is_done
    assert reader.frames == 4


def test_a_page_that_comes_when_all_is_over_gets_the_turn_as_a_whole():
    turn = '<article id="message-1"><div>Go.</div></article><article id="message-2"><p>w0 w1 w2</p></article>'
    for thread in (
        f'<div hx-swap-oob="beforeend:#thread-1" data-append>{turn}</div>',
        f'<div id="thread-1" hx-swap-oob="innerHTML">{turn}</div>',
    ):
        reader = read(3, f'{thread}<div id="composer-action-1" hx-swap-oob="innerHTML"></div>')
        assert reader.is_whole and reader.is_done


def test_it_sees_a_lost_word():
    assert not read(4, frame(tail="w0 w1"), frame(tail="w0 w1 w3"), done("w0 w1 w2 w3")).is_whole


def test_it_sees_a_word_that_comes_twice():
    assert not read(3, frame(blocks="w0 w1", tail="w1 w2"), done("w0 w1 w2")).is_whole


def test_it_sees_words_in_the_wrong_order():
    assert not read(3, frame(tail="w1 w0 w2"), done("w0 w1 w2")).is_whole


def test_it_sees_that_the_final_frame_differs():
    assert not read(3, frame(tail="w0 w1 w2"), done("w0 w2")).is_whole


def test_it_sees_that_the_end_never_came():
    reader = read(3, frame(tail="w0 w1 w2"))
    assert not reader.is_done and not reader.is_whole


def test_it_takes_the_end_from_the_final_frame():
    assert read(4, frame(tail="w0 w1"), done("w0 w1 w2 w3")).is_whole


def test_it_starts_over_when_the_server_does():
    reader = read(
        3, frame(blocks="w0", tail="w1"), frame(blocks="w0 w1", tail="w2", how="innerHTML"), done("w0 w1 w2")
    )
    assert reader.is_whole


def test_it_measures_how_late_new_words_are():
    written = time.monotonic_ns() // 1000 - 5000
    reader = read(3, frame(tail=f"w0@{written} w1"), frame(tail=f"w0@{written} w1 w2@{written}"))
    # A stamp counts once, when its word is new.
    assert len(reader.lags_ms) == 2
    assert reader.first_lag_ms is not None and 5 <= reader.first_lag_ms < 1000
