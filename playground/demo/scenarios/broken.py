"""Scenarios with a broken stream."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import repeat

from playground.demo.answers import ScriptedAnswer
from playground.demo.errors import error_body
from playground.demo.replies import Reply
from playground.demo.scenarios.options import SENTENCE, Options, Scenario, number, token_count
from playground.demo.scenarios.refused import PATH
from playground.demo.steps import (
    DONE,
    EVENT_STREAM,
    Cut,
    Hang,
    Head,
    Pace,
    Raw,
    Reset,
    Step,
    Steps,
    Wait,
    Write,
    event,
)

_BLOCK = 1 << 16
# zlib's code for a gzip envelope with a window of 15 bits.
_GZIP_WINDOW = 31


def _half(reply: Reply, options: Options) -> Iterator[Step]:
    """Send the first ``tokens`` of an answer, 6 by default."""
    yield reply.head()
    yield Pace(reply.tokens_per_second)
    pieces = ScriptedAnswer.of(SENTENCE).content[: token_count(options, 6)]
    yield from reply.pieces(ScriptedAnswer(pieces))


def silence_before_headers(_: Reply, __: Options) -> Steps:
    yield Hang()


def silence(reply: Reply, _: Options) -> Steps:
    """Send headers, then nothing."""
    yield reply.head()
    yield Hang()


def silence_mid_stream(reply: Reply, options: Options) -> Steps:
    yield from _half(reply, options)
    yield Hang()


def comments_forever(reply: Reply, _: Options) -> Steps:
    """Send keep-alive comments but no data: a client that counts bytes would wait for ever."""
    yield reply.head()
    for _again in repeat(None):
        yield Write(b": still thinking\n\n")
        yield Wait(0.02)


def reset_before_first_byte(_: Reply, __: Options) -> Steps:
    yield Reset()


def reset_mid_stream(reply: Reply, options: Options) -> Steps:
    yield from _half(reply, options)
    yield Reset()


def cut_mid_stream(reply: Reply, options: Options) -> Steps:
    """Close the connection between two events, without the last chunk of the body."""
    yield from _half(reply, options)
    yield Cut()


def cut_mid_event(reply: Reply, options: Options) -> Steps:
    yield from _half(reply, options)
    yield Write(b'data: {"id": "x", "choices": [{"index": 0, "delta": {"cont')
    yield Cut()


def cut_mid_utf8(reply: Reply, options: Options) -> Steps:
    """Cut the stream inside a character."""
    yield from _half(reply, options)
    yield Write(b'data: {"choices": [{"index": 0, "delta": {"content": "' + "日".encode()[:2])
    yield Cut()


def malformed_chunk(reply: Reply, options: Options) -> Steps:
    """Break the chunked framing with a length that is not a number."""
    yield from _half(reply, options)
    yield Raw(b"zz\r\ndata: nonsense\r\n\r\n")
    yield Cut()


def bad_json(reply: Reply, options: Options) -> Steps:
    """Send a payload that is not JSON, then the rest of the answer."""
    yield from _half(reply, options)
    yield Write(b"data: {not json\n\n")
    yield from reply.pieces(ScriptedAnswer([" Good again."]))
    yield reply.delta({}, finish_reason="stop")
    yield DONE


def no_done(reply: Reply, _: Options) -> Steps:
    """Send a whole answer with its finish reason, but without the final mark."""
    yield from _half(reply, {})
    yield reply.delta({}, finish_reason="stop")


def no_finish(reply: Reply, options: Options) -> Steps:
    """Send neither a finish reason nor the final mark, so the answer may be incomplete."""
    yield from _half(reply, options)


def error_mid_stream(reply: Reply, options: Options) -> Steps:
    """Send an error object between the chunks of a response 200."""
    yield from _half(reply, options)
    yield event(error_body(500, "The model stopped responding in the middle of the answer", reply.id, PATH))


def error_with_choices(reply: Reply, options: Options) -> Steps:
    """Send an error object beside a choice with the finish reason “error”."""
    yield from _half(reply, options)
    problem = {"code": 502, "message": "The provider hung up"}
    choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
    yield event({**reply.chunk([choice]), "error": problem})


def error_event(reply: Reply, options: Options) -> Steps:
    """Send the error in a named event."""
    yield from _half(reply, options)
    yield Write(b'event: error\ndata: {"error": {"type": "overloaded_error", "message": "Overloaded"}}\n\n')


def error_first(reply: Reply, _: Options) -> Steps:
    yield reply.head()
    yield event({"error": {"message": "The model could not be loaded", "code": 500}})
    yield DONE


def huge_line(reply: Reply, options: Options) -> Steps:
    """Send an event of ``megabytes``, 100 by default."""
    yield reply.head()
    yield Write(b'data: {"choices": [{"index": 0, "delta": {"content": "')
    for _ in range(int(number(options, "megabytes", 100) * (1 << 20) / _BLOCK)):
        yield Write(b"a" * _BLOCK)
    yield Write(b'"}, "finish_reason": "stop"}]}\n\n')


def gzip_bomb(_: Reply, options: Options) -> Steps:
    """Send a few unrequested compressed kilobytes that decompress to ``megabytes``."""
    yield Head(200, (EVENT_STREAM, ("content-encoding", "gzip")))
    packer = zlib.compressobj(level=9, wbits=_GZIP_WINDOW)
    for _block in range(int(number(options, "megabytes", 100) * (1 << 20) / _BLOCK)):
        yield Write(packer.compress(b"x" * _BLOCK))
    yield Write(packer.flush())


SCENARIOS: dict[str, Scenario] = {
    function.__name__: function
    for function in (
        silence_before_headers,
        silence,
        silence_mid_stream,
        comments_forever,
        reset_before_first_byte,
        reset_mid_stream,
        cut_mid_stream,
        cut_mid_event,
        cut_mid_utf8,
        malformed_chunk,
        bad_json,
        no_done,
        no_finish,
        error_mid_stream,
        error_with_choices,
        error_event,
        error_first,
        huge_line,
        gzip_bomb,
    )
}
