"""Scenarios that are valid and occur in practice, but that a simple client does not expect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from playground.demo.answers import ScriptedAnswer
from playground.demo.replies import Reply
from playground.demo.scenarios.options import SENTENCE, THOUGHT, Options, Scenario
from playground.demo.steps import DONE, EVENT_STREAM, Head, Step, Steps, Write, event

_ANSWER = ScriptedAnswer.of(SENTENCE)


def _finished(reply: Reply) -> Iterator[Step]:
    yield reply.delta({}, finish_reason="stop")
    yield event(reply.ending(_ANSWER))
    yield DONE


def _rewritten(change: Callable[[bytes], bytes]) -> Scenario:
    """Send the plain stream with its bytes rewritten."""

    def play(reply: Reply, _: Options) -> Steps:
        for step in reply.stream(_ANSWER):
            yield Write(change(step.data), step.is_token) if isinstance(step, Write) else step

    return play


def byte_by_byte(reply: Reply, _: Options) -> Steps:
    """Send each byte in a chunk of its own."""
    for step in reply.stream(ScriptedAnswer.of("Zażółć 日本語 👩‍🚀")):
        if isinstance(step, Write):
            yield from (Write(bytes([byte])) for byte in step.data)
        else:
            yield step


def bom(reply: Reply, _: Options) -> Steps:
    yield reply.head()
    yield Write(b"\xef\xbb\xbf")
    yield from list(reply.stream(_ANSWER))[1:]


def wrong_content_type(reply: Reply, _: Options) -> Steps:
    """Send events with the content type of plain text."""
    yield Head(200, (("content-type", "text/plain"),))
    yield from list(reply.stream(_ANSWER))[1:]


def stream_ignored(reply: Reply, _: Options) -> Steps:
    """Send one JSON object, although a stream was requested."""
    return reply.whole(_ANSWER)


def line_separators(reply: Reply, _: Options) -> Steps:
    """Send U+2028, U+2029 and U+0085 unescaped: in an event stream, none of them ends a line."""
    return reply.stream(ScriptedAnswer.of("one\u2028two\u2029three\u0085four"))


def comments(reply: Reply, _: Options) -> Steps:
    for step in reply.stream(_ANSWER):
        if isinstance(step, Write):
            yield Write(b": processing\n")
        yield step


def unknown_fields(reply: Reply, _: Options) -> Steps:
    yield reply.head()
    for piece in _ANSWER.content:
        chunk = reply.chunk([{"index": 0, "delta": {"content": piece, "mood": "calm"}, "flag": 0}])
        yield event({**chunk, "obfuscation": "x" * 9, "service_tier": "default"}, is_token=True)
    yield Write(b'event: weather\ndata: {"type": "weather", "sky": "clear"}\n\n')
    yield from _finished(reply)


def null_deltas(reply: Reply, _: Options) -> Steps:
    """Send null content while thinking, null thoughts while answering, and null deltas."""
    yield reply.head()
    for piece in ScriptedAnswer.of(THOUGHT).content:
        yield reply.delta({"content": None, "reasoning_content": piece}, is_token=True)
    yield event(reply.chunk([{"index": 0, "delta": None, "finish_reason": None}]))
    for piece in _ANSWER.content:
        yield reply.delta({"content": piece, "reasoning_content": None}, is_token=True)
    yield from _finished(reply)


def think_tags(reply: Reply, _: Options) -> Steps:
    """Send thoughts inside the content, with tags split between chunks."""
    yield reply.head()
    for piece in ("<th", "ink>", THOUGHT, "</thi", "nk>\n\n", SENTENCE):
        yield reply.delta({"content": piece}, is_token=True)
    yield from _finished(reply)


def marks(reply: Reply, _: Options) -> Steps:
    """Send all marks that gateways put on an answer, and a usage with every kind of tokens."""
    said = {"model": "scripted-2026-11", "system_fingerprint": "fp_44709d6fcb", "service_tier": "flex"}
    yield reply.head()
    yield from reply.pieces(_ANSWER)
    choice = {"index": 0, "delta": {}, "finish_reason": "stop", "native_finish_reason": "STOP"}
    yield event({**reply.chunk([choice]), **said})
    details = {
        "prompt_tokens_details": {"cached_tokens": 1200, "audio_tokens": 7, "image_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 3},
    }
    yield event({**reply.chunk([]), **said, "usage": {**reply.usage(_ANSWER), **details}})
    yield DONE


def no_usage(reply: Reply, _: Options) -> Steps:
    yield reply.head()
    yield from reply.pieces(_ANSWER)
    yield reply.delta({}, finish_reason="stop")
    yield DONE


def usage_twice(reply: Reply, _: Options) -> Steps:
    """Send a growing usage with every chunk; only the last one counts."""
    yield reply.head()
    for place, piece in enumerate(_ANSWER.content, start=1):
        chunk = reply.chunk([{"index": 0, "delta": {"content": piece}, "finish_reason": None}])
        yield event({**chunk, "usage": reply.usage(ScriptedAnswer(_ANSWER.content[:place]))}, is_token=True)
    yield from _finished(reply)


def meta_only(reply: Reply, _: Options) -> Steps:
    """Send the cost in a last chunk without id or choices."""
    yield reply.head()
    yield from reply.pieces(_ANSWER)
    yield reply.delta({}, finish_reason="stop")
    yield event({"meta": {"usage": reply.cost(_ANSWER)}})
    yield DONE


def two_choices(reply: Reply, _: Options) -> Steps:
    yield reply.head()
    for first, second in (("A", "B"), ("a", "b")):
        choices: list[dict[str, Any]] = [
            {"index": 1, "delta": {"content": second}, "finish_reason": None},
            {"index": 0, "delta": {"content": first}, "finish_reason": None},
        ]
        yield event(reply.chunk(choices), is_token=True)
    for index in (1, 0):
        yield event(reply.chunk([{"index": index, "delta": {}, "finish_reason": "stop"}]))
    yield DONE


def tool_call_disorder(reply: Reply, _: Options) -> Steps:
    """Send fragments of two calls in turns, the second one first."""
    yield reply.head()
    for index, name in ((1, "close_window"), (0, "open_window")):
        call = {"index": index, "id": f"call_{index}", "type": "function"}
        yield reply.delta({"tool_calls": [{**call, "function": {"name": name, "arguments": ""}}]})
    for fragment in ('{"room": ', '"kitchen"}'):
        for index in (0, 1):
            yield reply.delta({"tool_calls": [{"index": index, "function": {"arguments": fragment}}]})
    yield reply.delta({}, finish_reason="tool_calls")
    yield DONE


def refusal(reply: Reply, _: Options) -> Steps:
    yield reply.head()
    for piece in ("I would rather", " not say."):
        yield reply.delta({"refusal": piece}, is_token=True)
    yield from _finished(reply)


def citations(reply: Reply, _: Options) -> Steps:
    yield reply.head()
    yield from reply.pieces(_ANSWER)
    source = {"url": "https://example.org/kettles", "title": "On kettles", "start_index": 0, "end_index": 10}
    yield reply.delta({"annotations": [{"type": "url_citation", "url_citation": source}]})
    yield from _finished(reply)


def data_after_done(reply: Reply, _: Options) -> Steps:
    yield from reply.stream(_ANSWER)
    yield reply.delta({"content": "This must not be read."})


def empty(reply: Reply, _: Options) -> Steps:
    """Send a successful answer without text."""
    return reply.stream(ScriptedAnswer([]))


def headers_only_event_stream(_: Reply, __: Options) -> Steps:
    yield Head(200, (EVENT_STREAM,))


SCENARIOS: dict[str, Scenario] = {
    "crlf": _rewritten(lambda data: data.replace(b"\n", b"\r\n")),
    "cr_only": _rewritten(lambda data: data.replace(b"\n", b"\r")),
    "no_space": _rewritten(lambda data: data.replace(b"data: ", b"data:")),
    **{
        function.__name__: function
        for function in (
            byte_by_byte,
            bom,
            wrong_content_type,
            stream_ignored,
            line_separators,
            comments,
            unknown_fields,
            null_deltas,
            think_tags,
            marks,
            no_usage,
            usage_twice,
            meta_only,
            two_choices,
            tool_call_disorder,
            refusal,
            citations,
            data_after_done,
            empty,
            headers_only_event_stream,
        )
    },
}
