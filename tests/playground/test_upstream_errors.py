"""Errors of upstreams, in every form in which they are reported."""

from __future__ import annotations

import gzip
import json

import pytest

from playground.upstream.errors import redaction
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import (
    Failed,
    encode_events,
)
from playground.upstream.transport.client import StreamRequest
from tests.raw_upstream import (
    END,
    SECRET,
    STREAM,
    answer,
    chunked,
    delta,
    failure,
    failure_of,
    gather,
    opened_client,
    play,
    raw_upstream,
    request_to,
    text_of,
)

# --- errors that the upstream tells ---


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, FailureKind.BAD_REQUEST),
        (401, FailureKind.UNAUTHORISED),
        (403, FailureKind.FORBIDDEN),
        (404, FailureKind.NOT_FOUND),
        (408, FailureKind.OVERLOADED),
        (422, FailureKind.BAD_REQUEST),
        (429, FailureKind.RATE_LIMITED),
        (500, FailureKind.SERVER),
        (502, FailureKind.OVERLOADED),
        (503, FailureKind.OVERLOADED),
        (529, FailureKind.OVERLOADED),
    ],
)
async def test_it_tells_the_kinds_of_refusal_apart(status, kind):
    failed = await failure_of(answer(status, b'{"message": "Because", "requestId": "r-1"}'))
    assert (failed.kind, failed.status, failed.request_id) == (kind, status, "r-1")
    assert "Because" in failed.detail


NESTED = {"type": "error", "error": {"type": "invalid_request_error", "message": "Too long"}}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"message": "Plain"}, "Plain"),
        ({"message": f"400 {json.dumps(NESTED)}", "statusCode": "400"}, "request. Too long"),
        ({"error": {"message": "Inner", "type": "x", "code": None}}, "Inner"),
        ({"error": {"message": json.dumps(NESTED)}}, "request. Too long"),
        ({"error": "Words"}, "Words"),
        ({"detail": "Not that"}, "Not that"),
        ({"detail": [{"loc": ["body", "top_p"], "msg": "too big"}]}, "body.top_p: too big"),
        ({"message": ["one", "two"]}, "one; two"),
        ({"errors": [{"message": "first"}]}, "first"),
        ([{"error": {"code": 400, "message": "Listed"}}], "Listed"),
        ({"error": {"message": "Provider error", "metadata": {"raw": '{"error": "Deep"}'}}}, "error (Deep)"),
        ({"title": "Bad", "status": 400}, "Bad"),
    ],
)
async def test_it_finds_the_words_in_every_form_of_error(body, words):
    failed = await failure_of(answer(400, json.dumps(body).encode()))
    assert words in failed.message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><head><title>502 Bad&nbsp;Gateway</title></head></html>", "502 Bad Gateway"),
        (b"<!DOCTYPE html><p>no title", "a web page"),
        (b"upstream connect error", "upstream connect error"),
        (b"", "overloaded or down"),
        (b"\xff\xfe\x00", "overloaded or down"),
        (b'{"message": ', "overloaded or down"),
        (b"[" * 5_000, "overloaded or down"),
    ],
)
async def test_it_makes_something_of_error_bodies_that_are_no_json(body, words):
    failed = await failure_of(answer(502, body, "Content-Type: text/html"))
    assert (failed.kind, words in failed.message) == (FailureKind.OVERLOADED, True)


@pytest.mark.parametrize(
    "script",
    [
        answer(400, rb'{"message": "a\u0000b", "requestId": "r\u0000"}'),
        answer(400, rb'{"message": "400 {\"message\": \"a\\u0000b\"}"}'),
        answer(400, b"a\0b"),
        answer(400, b"<title>a\0b</title>"),
        answer(200, rb'{"error": {"message": "a\u0000b", "requestId": "r\u0000"}}'),
        answer(200, b"<title>a\0b</title>"),
        STREAM + chunked(b"event: error\ndata: a\0b\n\n") + END,
        STREAM + chunked(rb'data: {"error": "{\"message\": \"a\\u0000b\"}"}' + b"\n\n") + END,
    ],
)
async def test_what_it_says_of_an_error_can_be_stored(script):
    failed = await failure_of(script)
    assert "a\N{REPLACEMENT CHARACTER}b" in failed.message
    assert "\0" not in failed.message + failed.detail + failed.request_id


async def test_it_says_how_long_to_wait():
    failed = await failure_of(answer(429, b'{"message": "Too Many Requests"}', "Retry-After: 7"))
    assert failed.message.endswith("Try again in 7 s.")


async def test_it_follows_no_redirect():
    script = answer(302, b"", "Location: http://169.254.169.254/latest/meta-data/")
    async with raw_upstream(script) as upstream, opened_client() as client:
        failed = failure(await gather(client, request_to(upstream)))
        assert failed.kind is FailureKind.REDIRECTED
        assert "169.254.169.254" in failed.detail
        assert len(upstream.visits) == 1


@pytest.mark.parametrize(
    "body",
    [b"<html><title>Sign in</title></html>", b"", b"hello there", b"[]", b'"x"', b"{}", b'{"a": 1}', b"{"],
)
async def test_it_fails_on_an_answer_that_is_none(body):
    failed = await failure_of(answer(200, body))
    assert failed.kind in {FailureKind.MALFORMED, FailureKind.IN_STREAM}


async def test_it_reads_an_error_under_a_status_of_200():
    failed = await failure_of(answer(200, b'{"error": {"message": "No credits", "code": 402}}'))
    assert (failed.kind, "No credits" in failed.message) == (FailureKind.FORBIDDEN, True)


async def test_it_keeps_the_text_before_an_error_in_the_stream():
    events = await play(STREAM + chunked(delta("Half"), b'data: {"error": {"message": "Gone"}}\n\n') + END)
    assert text_of(events) == "Half"
    assert isinstance(events[-1], Failed)


async def test_it_refuses_a_compressed_answer():
    body = gzip.compress(b"data: x\n\n")
    failed = await failure_of(answer(200, body, "Content-Encoding: gzip", "Content-Type: text/event-stream"))
    assert failed.kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    "script",
    [
        answer(401, f'{{"error": {{"message": "Incorrect API key provided: {SECRET}."}}}}'.encode()),
        answer(500, f"<title>Bearer {SECRET}</title>".encode()),
        answer(200, f'{{"error": "bad key {SECRET}"}}'.encode()),
        answer(200, f"what is {SECRET}?".encode()),
        STREAM + chunked(f'data: {{"error": {{"message": "{SECRET}"}}}}\n\n'.encode()) + END,
    ],
)
async def test_it_never_repeats_the_key(script):
    failed = await failure_of(script)
    assert SECRET not in repr(failed)
    assert SECRET not in encode_events([failed]).decode()


async def test_it_never_repeats_a_key_that_looks_like_none():
    failed = await failure_of(answer(400, b'{"message": "Who is hunter2?"}'), secret=lambda: "hunter2")
    assert "hunter2" not in repr(failed)


def test_it_shows_no_key_and_no_prompt_in_a_repr():
    request = StreamRequest("http://x", "chat/completions", {"messages": "a prompt"}, lambda: SECRET)
    assert "prompt" not in repr(request)
    assert "secret" not in repr(request)


@pytest.mark.parametrize("left", [5, 12, 31])
def test_a_key_that_was_cut_in_the_middle_does_not_show(left):
    secret = "0123456789abcdefghijklmnopqrstuv"
    said = f"Incorrect key {secret[:left]}… Try again in 7 s."
    assert redaction.without_keys(said, secret) == "Incorrect key [key]… Try again in 7 s."
