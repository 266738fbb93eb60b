"""The failures that are tried again, when, and how often."""

from __future__ import annotations

import json

import pytest

from playground.upstream.errors.delays import retry_after, seconds_of
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.errors.failures import kind_of_status, read_error_body, read_error_object
from playground.upstream.events import Failed
from playground.upstream.transport.retry_policy import MOST_TRIES, MOST_WAITING, Retries


def failed(status: int | None, after: float | None = None, kind: FailureKind | None = None) -> Failed:
    assert kind or status
    return Failed(kind or kind_of_status(status or 0), "No.", status, retry_after=after)


def waits(error: Failed, dice: float = 0.0) -> list[int]:
    """Return the seconds before each try after the first."""
    retries = Retries(dice=lambda: dice)
    found = []
    while again := retries.after(error):
        found.append(again.seconds)
        assert (again.number, again.most) == (len(found) + 1, MOST_TRIES)
    assert retries.tries == len(found) + 1
    return found


@pytest.mark.parametrize("status", [429, 502, 503, 529])
def test_it_tries_again_when_nothing_was_done(status):
    assert waits(failed(status)) == [2, 4]


def test_it_tries_again_when_nobody_listened():
    assert waits(failed(None, kind=FailureKind.CONNECT)) == [2, 4]


@pytest.mark.parametrize(
    "error",
    [
        *(failed(status) for status in (302, 400, 401, 402, 403, 404, 408, 422, 500, 504)),
        *(
            failed(None, kind=kind)
            for kind in FailureKind
            if kind not in (FailureKind.CONNECT, FailureKind.RATE_LIMITED, FailureKind.OVERLOADED)
        ),
        # The upstream is busy, but its status does not promise that nothing was done.
        failed(None, kind=FailureKind.OVERLOADED),
    ],
)
def test_it_tries_nothing_else_again(error):
    assert waits(error) == []


def test_it_waits_as_long_as_it_is_asked_to():
    assert waits(failed(429, after=7)) == [7, 7]
    assert waits(failed(503, after=0)) == [1, 1]
    assert waits(failed(503, after=0.4)) == [1, 1]


def test_it_does_not_wait_for_somebody_who_wants_to_be_left_alone():
    assert waits(failed(429, after=30)) == [30, 30]
    assert waits(failed(429, after=31)) == []
    assert waits(failed(429, after=3600)) == []


@pytest.mark.parametrize("dice", [0.0, 0.5, 0.999])
@pytest.mark.parametrize("after", [None, 0, 1, 7, 29, 30])
def test_it_waits_about_a_minute_in_all_at_most(after, dice):
    found = waits(failed(429, after=after), dice)
    assert sum(found) <= MOST_WAITING
    assert all(seconds >= (after or 1) for seconds in found)


def test_those_who_were_turned_away_together_come_back_apart():
    assert waits(failed(503), dice=0.99) == [3, 5]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        (" 1.5 ", 1.5),
        ("0", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("9" * 5_000, None),
        ("Wed, 99 Oct 2015", None),
        ("1 Jan 2024 0:0:0 +99999999999999999999", None),
        ("٣", None),
    ],
)
def test_it_reads_what_a_header_says_about_when(said, seconds):
    assert seconds_of(said) == seconds


def test_it_reads_a_date_that_is_to_come():
    until = seconds_of("Fri, 31 Dec 2100 23:59:59 GMT")
    assert until is not None
    assert until > 10**8


def test_milliseconds_are_more_exact():
    assert seconds_of(retry_after({"retry-after-ms": "1500", "retry-after": "2"})) == 1.5
    assert seconds_of(retry_after({"retry-after-ms": "?", "retry-after": "2"})) == 2.0


DETAILS = [
    {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaValue": "10"}]},
    {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7.25s"},
]
GOOGLE = {"error": {"code": 429, "message": "Quota.", "status": "RESOURCE_EXHAUSTED", "details": DETAILS}}


@pytest.mark.parametrize(
    "body",
    [
        GOOGLE,
        [GOOGLE],
        {"error": {"message": f"Vertex said: {json.dumps(GOOGLE)}", "code": "429"}},
        {"error": {"message": "Busy", "metadata": {"raw": json.dumps([GOOGLE])}}},
    ],
    ids=["plain", "list", "in a message", "behind another"],
)
def test_googles_delay_is_heeded_like_retry_after(body):
    error = read_error_body(429, json.dumps(body).encode())
    assert error.retry_after == 7.25
    assert 8 <= waits(Failed.from_error(error))[0] <= 9
    assert read_error_body(429, json.dumps(body).encode(), retry_after="3").retry_after == 3


def test_googles_delay_is_heeded_within_a_stream():
    error = read_error_object(GOOGLE)
    assert (error.status, error.retry_after) == (429, 7.25)


@pytest.mark.parametrize("delay", ["soon", "-3s", "7", "9" * 50 + "s", 7, None, {"seconds": 7}, "٣s"])
def test_a_delay_that_is_none_is_not_heeded(delay):
    assert read_error_body(429, json.dumps({"error": {"retryDelay": delay}}).encode()).retry_after is None


def test_a_delay_too_deep_to_be_meant_is_not_looked_for():
    body: object = {"retryDelay": "7s"}
    for _ in range(50):
        body = {"error": body}
    assert read_error_body(429, json.dumps(body).encode()).retry_after is None


def test_no_wait_brings_money_back():
    error = read_error_body(429, b'{"error": {"code": "insufficient_quota", "message": "Pay first."}}')
    assert error.kind is FailureKind.FORBIDDEN
    assert waits(Failed.from_error(error)) == []


@pytest.mark.parametrize(
    ("header", "words"),
    [("3", "in 3 s."), ("0.2", "in 1 s."), ("900", "in 15 minutes."), ("86400", "in 24 hours.")],
)
def test_a_person_is_told_when(header, words):
    error = read_error_body(429, b"{}", retry_after=header)
    assert error.message.endswith(f"Try again {words}")
