"""The final usage of an answer, and the tokens that it counts."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from playground.upstream.dialects.registry import normaliser_for
from playground.upstream.dialects.shared.reading.accounting import make_cost, read_usage
from playground.upstream.events import CostReported, UsageReported
from playground.upstream.reading import AnswerReader
from playground.upstream.sse import ServerSentEvent

FIRST, LAST = {"prompt_tokens": 5, "completion_tokens": 1}, {"prompt_tokens": 5, "completion_tokens": 9}


def reported(endpoint: str, *payloads: dict[str, Any]) -> list[UsageReported]:
    normaliser = normaliser_for(endpoint)
    events = [
        event
        for payload in payloads
        for event in normaliser.feed(ServerSentEvent(json.dumps(payload).encode(), "message"))
    ]
    return [event for event in events if isinstance(event, UsageReported)]


def told(*found: UsageReported) -> list[tuple[int | None, str]]:
    return [(usage.output_tokens, "partial" if usage.is_partial else "last") for usage in found]


def chunk(
    finish: str | None = None, *, index: int = 0, usage: object = None, **choice: Any
) -> dict[str, Any]:
    delta = {"delta": {"content": "a"}, "finish_reason": finish}
    return {"choices": [{"index": index, **delta, **choice}], "usage": usage}


def of_chat(*chunks: dict[str, Any]) -> list[tuple[int | None, str]]:
    return told(*reported("chat/completions", *chunks))


def test_the_last_figures_come_in_a_chunk_of_their_own():
    assert of_chat(chunk(), chunk("stop"), {"choices": [], "usage": LAST}) == [(9, "last")]


def test_the_last_figures_come_with_the_reason():
    assert of_chat(chunk(), chunk("stop", usage=LAST)) == [(9, "last")]
    # Moonshot reports the usage in the choice.
    assert of_chat({"choices": [{"delta": {}, "finish_reason": "stop", "usage": LAST}]}) == [(9, "last")]


def test_figures_on_every_chunk_are_partial_up_to_the_one_with_the_reason():
    assert of_chat(chunk(usage=FIRST), chunk("stop", usage=LAST)) == [(1, "partial"), (9, "last")]
    assert of_chat(chunk(usage=FIRST), chunk("stop", usage=FIRST)) == [(1, "partial"), (1, "last")]


def test_figures_that_come_before_the_reason_and_not_again_stay_partial():
    assert of_chat(chunk(usage=FIRST), chunk("stop")) == [(1, "partial")]


def test_figures_are_partial_while_another_choice_goes_on():
    begun = chunk(), chunk(index=1)
    assert of_chat(*begun, chunk("stop", usage=FIRST), chunk("stop", index=1, usage=LAST)) == [
        (1, "partial"),
        (9, "last"),
    ]


def test_figures_are_no_more_the_last_ones_once_another_choice_begins():
    assert of_chat(chunk("stop", usage=FIRST), chunk(index=1)) == [(1, "last"), (1, "partial")]


ZERO = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


@pytest.mark.parametrize(
    "zero",
    [
        ZERO,
        {"prompt_tokens": 0, "completion_tokens": 0},
        {"prompt_tokens": 0, "completion_tokens": None, "total_tokens": 0},
        {**ZERO, "prompt_tokens_details": {"cached_tokens": 0}, "cost": 0},
        {"total_tokens": 0},
        {"completion_tokens_details": {"reasoning_tokens": 0}},
        {"queue_time": 0.1},
    ],
)
def test_figures_of_zero_are_none(zero):
    whole = chunk("stop", usage=LAST)
    assert of_chat(whole, {"choices": [], "usage": zero}) == [(9, "last")]
    assert of_chat(chunk(usage=zero), whole) == [(9, "last")]
    assert of_chat(chunk(), chunk("stop", usage=zero)) == of_chat({"choices": [], "usage": zero}) == []
    assert of_chat(chunk("stop"), {"x_groq": {"usage": zero}}) == []


def test_figures_of_zero_are_none_in_every_dialect():
    zero = {"input_tokens": 0, "output_tokens": 0}
    assert reported("responses", {"type": "response.completed", "response": {"usage": zero}}) == []
    assert reported("messages", {"type": "message_start", "message": {"usage": zero}}) == []


def test_one_figure_above_zero_is_a_report():
    assert of_chat(chunk("stop", usage={**ZERO, "prompt_tokens": 5})) == [(0, "last")]


def test_figures_that_come_with_an_error_are_the_last_ones():
    assert of_chat(chunk(), {"error": {"message": "Broke"}, "usage": LAST}) == [(9, "last")]


@pytest.mark.parametrize("end", ["completed", "incomplete", "failed", "cancelled"])
def test_the_last_event_of_responses_brings_the_last_figures(end):
    usage = {"input_tokens": 5, "output_tokens": 9}
    early = {"type": "response.output_text.delta", "delta": "a", "usage": {**usage, "output_tokens": 1}}
    last = {"type": f"response.{end}", "response": {"status": end, "output": [], "usage": usage}}
    assert told(*reported("responses", early, last)) == [(1, "partial"), (9, "last")]


def start(**usage: int) -> dict[str, Any]:
    return {"type": "message_start", "message": {"id": "msg_1", "usage": usage}}


def delta(reason: str | None, **usage: int) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}


def test_what_begins_a_message_is_partial():
    begun = start(input_tokens=5, output_tokens=1)
    on_the_way, last = delta(None, output_tokens=4), delta("end_turn", output_tokens=9)
    assert told(*reported("messages", begun, on_the_way, last)) == [
        (1, "partial"),
        (4, "partial"),
        (9, "last"),
    ]


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("chat/completions", {"choices": [{"message": {"content": "a"}}], "usage": LAST}),
        ("responses", {"output": [], "usage": {"output_tokens": 9}}),
        ("messages", {"content": [], "usage": {"output_tokens": 9}}),
    ],
)
def test_a_whole_answer_at_once_brings_the_last_figures(endpoint, body):
    events = normaliser_for(endpoint).feed_body(body)
    assert told(*(event for event in events if isinstance(event, UsageReported))) == [(9, "last")]


CACHED = {"cache_creation_input_tokens": 300, "cache_read_input_tokens": 20}


def test_messages_count_what_was_read_from_the_cache_or_written_to_it_apart():
    (usage,) = reported("messages", start(input_tokens=5, output_tokens=1, **CACHED))
    assert usage.input_tokens == 325
    assert usage.raw == {"input_tokens": 5, "output_tokens": 1, **CACHED}
    (unknown,) = reported("messages", start(output_tokens=1, **CACHED))
    assert unknown.input_tokens is None


@pytest.mark.parametrize(
    ("endpoint", "usage"),
    [
        (
            "chat/completions",
            {"prompt_tokens": 325, "prompt_tokens_details": {"cached_tokens": 20}, **CACHED},
        ),
        ("responses", {"input_tokens": 325, "input_tokens_details": {"cached_tokens": 20}, **CACHED}),
    ],
)
def test_the_other_dialects_count_it_as_input_already(endpoint, usage):
    (found,) = reported(endpoint, {"type": "x", "usage": usage})
    assert found.input_tokens == 325


@pytest.mark.parametrize(
    ("usage", "read", "written"),
    [
        ({"prompt_tokens_details": {"cached_tokens": 600, "cache_write_tokens": 5}}, 600, 5),
        ({"input_tokens_details": {"cached_tokens": "600"}}, 600, None),
        ({"cache_read_input_tokens": 600, "cache_creation_input_tokens": 5}, 600, 5),
        ({"prompt_cache_hit_tokens": 600, "prompt_cache_miss_tokens": 100}, 600, None),
        ({"prompt_tokens_details": {"cached_tokens": None}, "prompt_cache_hit_tokens": 600}, 600, None),
        ({"prompt_tokens_details": [1], "cache_read_input_tokens": -1}, None, None),
        ({}, None, None),
    ],
)
def test_it_reads_what_the_cache_had(usage, read, written):
    found = read_usage({"prompt_tokens": 1000, "completion_tokens": 9, **usage})
    assert (found.cache_read_tokens, found.cache_write_tokens) == (read, written)
    assert found.input_tokens == 1000


LITELLM = {"x-litellm-version": "1.80.0"}


def cost_of(headers: dict[str, str], body: bytes) -> CostReported | None:
    reader = AnswerReader("chat/completions", 200, headers)
    events = [*reader.begin(), *reader.feed(body), *reader.close()]
    return next((event for event in events if isinstance(event, CostReported)), None)


@pytest.mark.parametrize("is_streamed", [True, False])
@pytest.mark.parametrize(
    ("headers", "cost", "usd"),
    [
        (LITELLM, 0.002, "0.002"),
        ({"x-litellm-call-id": "a"}, "0.5", "0.5"),
        ({}, 0.002, None),
        (LITELLM, "nan", None),
        (LITELLM, -1, None),
        (LITELLM, 1e30, None),
        (LITELLM, None, None),
    ],
)
def test_the_cost_of_litellm_is_in_dollars(headers, cost, usd, is_streamed):
    usage = {"prompt_tokens": 5, "completion_tokens": 9, "cost": cost}
    text = {"role": "assistant", "content": "Hi"}
    choice = {"index": 0, "delta" if is_streamed else "message": text, "finish_reason": "stop"}
    if is_streamed:
        pieces = ({"choices": [choice]}, {"choices": [], "usage": usage})
        body = b"".join(b"data: %s\n\n" % json.dumps(piece).encode() for piece in pieces)
    else:
        body = json.dumps({"choices": [choice], "usage": usage}).encode()
    found = cost_of(headers, body)
    assert (found and found.usd) == (None if usd is None else Decimal(usd))


def test_the_header_of_litellm_counts_for_a_whole_answer():
    choice = {"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}
    body = json.dumps({"choices": [choice]}).encode()
    assert cost_of({**LITELLM, "x-litellm-response-cost": "0.25"}, body) == CostReported(
        None, Decimal("0.25")
    )
    assert cost_of({"x-litellm-response-cost": "0.25"}, body) is None


@pytest.mark.parametrize(
    ("credits", "usd", "expected"),
    [
        (10, "0.000005", (10, Decimal("0.000005"))),
        (0, "0.000005", (None, Decimal("0.000005"))),
        (0, 0, (0, Decimal(0))),
        (2.5, None, (3, None)),
        (1e30, "0.5", (None, Decimal("0.5"))),
        (1e14, None, None),
        (None, 1e30, None),
        (-5, -1, None),
        ("nan", "inf", None),
    ],
)
def test_absurd_costs_are_none(credits, usd, expected):
    found = make_cost(credits, usd)
    assert (found and (found.credits, found.usd)) == expected
