from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from functools import partial
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import LedgerEntry
from accounts.prices import Origin, Prices
from chat.billing import Bill, CostSource, bill, written_tokens
from playground import pricing
from playground.upstream.answer import Answer
from playground.upstream.errors.exceptions import BrokenAnswer, FailureKind
from playground.upstream.events import (
    AudioDelta,
    CostReported,
    Failed,
    Finished,
    HostedToolCall,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    TextWasReasoning,
    ToolCallDelta,
    Unreadable,
    UsageReported,
)
from playground.upstream.reading import AnswerReader
from tests.upstream_facts import FACTS, recording_bytes, recordings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playground.upstream.events import Event

BODY = {"messages": [{"content": "x" * 400}]}
SENT = 103
PRICES = Prices(Decimal(1_000_000), Decimal(2_000_000), origin=Origin.ADMIN)
# A text that counts as a thousand tokens.
LONG = "word" * 1000


def answer_of(*events: Event) -> Answer:
    answer = Answer()
    for event in events:
        answer.apply(event)
    return answer


def billed(answer: Answer) -> Bill:
    return bill(answer, BODY, PRICES)


def usage(read: int | None, written: int | None, *, is_partial: bool = False) -> UsageReported:
    return UsageReported(read, written, None, None, {}, is_partial=is_partial)


def test_nothing_sent_and_nothing_written_is_no_token():
    found = bill(answer_of(), {}, PRICES)

    assert (found.input_tokens, found.output_tokens, found.credits) == (0, 0, 0)


def test_it_speaks_the_words_of_the_ledger():
    assert {*CostSource, "correction"} == set(LedgerEntry.Source.values)


# --- what came of it ---


@pytest.mark.parametrize(
    "events",
    [
        [TextDelta(LONG)],
        [ReasoningDelta(LONG)],
        [RefusalDelta(LONG)],
        [ToolCallDelta(0, "call_1", "write", LONG)],
        [ToolCallDelta(0, "call_1", "write", LONG, choice=3)],
        [AudioDelta(transcript=LONG)],
        [HostedToolCall("a", type="code_interpreter", input=LONG)],
        [TextDelta("word" * 125, choice) for choice in range(8)],
        [ReasoningDelta("word" * 500, 1), RefusalDelta("word" * 500, 2)],
    ],
)
def test_all_that_came_is_counted(events):
    found = billed(answer_of(*events))
    assert 1000 <= found.output_tokens <= 1002
    assert found.input_tokens == SENT
    assert found.source == CostSource.ESTIMATED
    assert found.credits == SENT + 2 * found.output_tokens


def test_text_that_turns_out_to_be_reasoning_counts_no_less():
    events = TextDelta("a"), ReasoningDelta("b"), TextDelta("c" * 4)
    assert written_tokens(answer_of(*events)) == written_tokens(answer_of(*events, TextWasReasoning())) == 2


# --- what was reported of it ---


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        (usage(7, 3), (7, 3, CostSource.PRICED)),
        (usage(7, 3, is_partial=True), (SENT, 1000, CostSource.ESTIMATED)),
        (usage(500, 3, is_partial=True), (500, 1000, CostSource.ESTIMATED)),
        (usage(7, 5000, is_partial=True), (SENT, 5000, CostSource.ESTIMATED)),
        (usage(None, 5000), (SENT, 5000, CostSource.ESTIMATED)),
        (usage(500, None), (500, 1000, CostSource.ESTIMATED)),
    ],
)
def test_figures_are_believed_at_the_end_and_a_lower_bound_before(reported, expected):
    found = billed(answer_of(TextDelta(LONG), reported))
    assert (found.input_tokens, found.output_tokens, found.source) == expected


def test_files_count_as_input_where_nothing_was_reported():
    answer = answer_of(TextDelta("Hi"))
    assert bill(answer, BODY, PRICES, attached=90).input_tokens == SENT + 90


def test_the_providers_own_bill_counts():
    found = billed(answer_of(TextDelta("Hi"), usage(7, 3), CostReported(2480, Decimal("0.00124"))))
    assert found == Bill(2480, Decimal("0.00124"), 7, 3, CostSource.REPORTED, is_counted=True)


@pytest.mark.parametrize(
    ("origin", "source"),
    [
        (Origin.ADMIN, CostSource.PRICED),
        (Origin.PROVIDER, CostSource.PRICED),
        (Origin.OWN_SERVER, CostSource.PRICED),
        (Origin.LIST, CostSource.ESTIMATED),
        (Origin.RULE, CostSource.ESTIMATED),
        (Origin.DEFAULT, CostSource.ESTIMATED),
    ],
)
def test_a_price_that_the_provider_may_not_have_makes_an_estimate(origin, source):
    prices = replace(PRICES, origin=origin)
    found = bill(answer_of(TextDelta("Hi"), usage(10, 9)), BODY, prices)
    assert found == Bill(28, None, 10, 9, source, is_counted=True)


# --- kinds of tokens with prices of their own ---

SPECIAL = replace(PRICES, cache_read=Decimal(100_000), cache_write=Decimal(1_250_000))
BOTH = {"cache_read_tokens": 600, "cache_write_tokens": 200}


def kinds(
    read: int, written: int, thought: int | None = None, total: int | None = None, **cached: Any
) -> UsageReported:
    return UsageReported(read, written, thought, total, {}, **cached)


@pytest.mark.parametrize(
    ("prices", "reported", "credits"),
    [
        (PRICES, kinds(1000, 10, **BOTH), 1000 + 20),
        (SPECIAL, kinds(1000, 10, **BOTH), 200 + 60 + 250 + 20),
        (SPECIAL, kinds(1000, 10, cache_read_tokens=1000), 100 + 20),
        # Counts that contradict the total are not believed.
        (SPECIAL, kinds(700, 10, **BOTH), 700 + 20),
        (SPECIAL, kinds(1000, 10, cache_read_tokens=10**14), 1000 + 20),
        (replace(PRICES, reasoning=Decimal(500_000)), kinds(0, 10, 8), 4 + 4),
        (replace(PRICES, reasoning=Decimal(500_000)), kinds(0, 10, 800), 20),
    ],
)
def test_kinds_of_tokens_have_their_own_prices(prices, reported, credits):
    assert bill(answer_of(TextDelta("Hi"), reported), BODY, prices).credits == credits


@pytest.mark.parametrize(
    ("reported", "written"),
    [
        (kinds(7, 100, 90, 107), 100),
        (kinds(7, 10, 90, 107), 100),
        (kinds(7, 10, 90, 17), 10),
        (kinds(7, 10, 90), 10),
        (kinds(7, 10, None, 107), 10),
    ],
)
def test_reasoning_beside_the_answer_is_billed_too(reported, written):
    """xAI counts it apart: the total tells."""
    found = billed(answer_of(TextDelta("Hi"), reported))
    assert (found.output_tokens, found.credits) == (written, 7 + 2 * written)


@pytest.mark.parametrize(
    ("shown", "thought", "hidden"),
    [("", 90, 90), (LONG, 1000, 0), (LONG, 1400, 0), (LONG, 5000, 4000), ("", 0, 0), (LONG, 0, 0)],
)
def test_reasoning_that_was_not_sent_is_named(shown, thought, hidden):
    found = billed(answer_of(ReasoningDelta(shown), TextDelta("Hi"), kinds(7, 9000, thought)))
    assert found.basis.hidden_tokens == hidden
    assert found.output_tokens == 9000


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (CostReported(10**9, None), (10**9, None, CostSource.REPORTED)),
        (CostReported(0, Decimal(0)), (0, Decimal(0), CostSource.REPORTED)),
        (None, (13, None, CostSource.PRICED)),
    ],
)
def test_the_provider_may_report_any_cost_or_none(said, expected):
    found = billed(answer_of(TextDelta("Hi"), usage(7, 3), *([said] if said else [])))
    assert (found.credits, found.usd, found.source) == expected


def test_zeros_alone_are_no_cost():
    found = billed(answer_of(TextDelta(LONG), CostReported(0, Decimal(0))))
    assert (found.source, found.credits) == (CostSource.ESTIMATED, SENT + 2000)


def test_a_cost_that_is_reported_twice_counts_once():
    found = billed(answer_of(TextDelta("Hi"), CostReported(5, None), usage(7, 3), CostReported(8, None)))
    assert found.credits == 8


@pytest.mark.parametrize("base_url", ["", "https://openrouter.ai/api/v1"])
def test_it_keeps_what_the_cost_was_computed_from(base_url):
    found = said(base_url, cost=0.25)
    assert found.basis.prices == PRICES
    assert found.basis.reported == ("" if base_url else "0.25, without its currency")


@pytest.mark.parametrize(("read", "written"), [(8, 11), (500_000, 500_000)])
def test_a_model_without_a_price_is_charged_for_its_tokens(read, written):
    cautious = Prices(pricing.DEFAULT_INPUT_PRICE, pricing.DEFAULT_OUTPUT_PRICE, origin=Origin.DEFAULT)
    found = bill(answer_of(TextDelta("Hi"), usage(read, written)), BODY, cautious)
    assert found == Bill(4 * read + 16 * written, None, read, written, CostSource.ESTIMATED, is_counted=True)


def test_an_answer_that_counts_no_tokens_is_counted_here():
    found = billed(answer_of(TextDelta(LONG), usage(500, 0)))
    assert (found.input_tokens, found.output_tokens, found.source) == (500, 1000, CostSource.ESTIMATED)
    assert not found.is_counted
    # A model may end at once, without a token.
    assert billed(answer_of(usage(500, 0))) == Bill(500, None, 500, 0, CostSource.PRICED, is_counted=True)


NO_COSTS: list[Any] = [-1, True, "free", None, [], {}, 10**7, "nan", "1e99"]


def said(base_url: str = "", **raw: Any) -> Bill:
    """Return the bill of an answer whose usage says ``raw`` beside its tokens."""
    reported = UsageReported(7, 3, None, None, raw)
    return bill(answer_of(TextDelta("Hi"), reported), BODY, PRICES, base_url=base_url)


@pytest.mark.parametrize(
    ("base_url", "raw", "usd"),
    [
        ("https://openrouter.ai/api/v1", {"cost": 0.00014}, "0.00014"),
        ("https://openrouter.ai/api/v1", {"cost": 0, "is_byok": False}, "0"),
        ("https://eu.openrouter.ai/api/v1", {"cost": "0.5"}, "0.5"),
        ("", {"cost": 0.25, "currency": "USD"}, "0.25"),
        ("", {"cost": {"total": 0.25, "currency": "usd"}}, "0.25"),
        ("", {"cost": {"amount": "0.25", "unit": "USD"}}, "0.25"),
        ("", {"cost_usd": 0.25}, "0.25"),
        ("", {"total_cost_usd": 0.25}, "0.25"),
        ("", {"cost_in_usd": 0.25}, "0.25"),
        ("", {"cost_in_usd_ticks": 37_756_000}, "0.0037756"),
    ],
)
def test_a_cost_in_dollars_counts(base_url, raw, usd):
    found = said(base_url, **raw)
    assert (found.usd, found.source) == (Decimal(usd), CostSource.REPORTED)
    assert found.credits == ceil(Decimal(usd) * 2_000_000)
    assert (found.input_tokens, found.output_tokens, found.is_counted) == (7, 3, True)


@pytest.mark.parametrize(
    ("base_url", "raw"),
    [
        ("", {"cost": 0.25}),
        ("https://openrouter.ai.example.org", {"cost": 0.25}),
        ("https://notopenrouter.ai", {"cost": 0.25}),
        ("https://example.org/openrouter.ai", {"cost": 0.25}),
        ("", {"cost": 0.25, "currency": "EUR"}),
        ("", {"cost": 0.25, "currency": "points"}),
        ("", {"cost_eur": 0.25}),
        *[("https://openrouter.ai", {"cost": odd}) for odd in NO_COSTS],
        ("https://openrouter.ai", {}),
    ],
)
def test_a_cost_in_nothing_known_is_not_the_bill(base_url, raw):
    assert said(base_url, **raw) == Bill(13, None, 7, 3, CostSource.PRICED, is_counted=True)


def test_a_cost_in_the_middle_is_not_the_whole_cost():
    reported = UsageReported(7, 3, None, None, {"cost_usd": 1}, is_partial=True)
    assert billed(answer_of(TextDelta("Hi"), reported)).source == CostSource.ESTIMATED


def test_dollars_alone_are_a_bill():
    found = billed(answer_of(TextDelta("Hi"), usage(7, 3), CostReported(None, Decimal("0.00124"))))
    assert (found.credits, found.usd, found.source) == (2480, Decimal("0.00124"), CostSource.REPORTED)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], True),
        ([Finished("stop")], True),
        ([Failed(FailureKind.IN_STREAM, "No."), Unreadable(3)], True),
        ([TextDelta("a")], False),
        ([HostedToolCall("a", type="web_search", status="completed")], False),
        ([usage(11, 1, is_partial=True)], False),
        ([CostReported(0, None)], False),
    ],
)
def test_nothing_generated_and_nothing_reported_costs_nothing(events, expected):
    assert answer_of(*events).has_cost_nothing is expected


# --- streams, cut short in each dialect ---


def chat(**delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


def block(kind: str, delta: str, field: str, **fields: Any) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": 0, "content_block": {"type": kind, **fields}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": delta, field: LONG}},
    ]


def grown(kind: str) -> dict[str, Any]:
    return {"type": f"response.{kind}.delta", "output_index": 0, "delta": LONG}


CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": LONG}}
ITEM = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f"}
FIGURES = {"input_tokens": 7, "output_tokens": 3}

# The beginning, the possible middle and the end of a stream, by endpoint.
BEGINNINGS: dict[str, list[dict[str, Any]]] = {
    "chat/completions": [
        {**chat(role="assistant"), "usage": {"prompt_tokens": 7, "completion_tokens": 1}},
    ],
    "responses": [{"type": "response.created", "response": {"id": "resp_1", "model": "m"}}],
    "messages": [
        {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 7, "output_tokens": 1}}}
    ],
}
CARRIED: dict[str, dict[str, list[dict[str, Any]]]] = {
    "chat/completions": {
        "text": [chat(content=LONG)],
        "reasoning": [chat(reasoning_content=LONG)],
        "a refusal": [chat(refusal=LONG)],
        "a tool call": [chat(tool_calls=[CALL])],
        "a transcript": [chat(audio={"transcript": LONG})],
        "another choice": [{"choices": [{"index": 1, "delta": {"content": LONG}}]}],
    },
    "responses": {
        "text": [grown("output_text")],
        "reasoning": [grown("reasoning_text")],
        "a summary": [grown("reasoning_summary_text")],
        "a refusal": [grown("refusal")],
        "a tool call": [
            {"type": "response.output_item.added", "output_index": 0, "item": ITEM},
            grown("function_call_arguments"),
        ],
        "a transcript": [grown("audio.transcript")],
    },
    "messages": {
        "text": block("text", "text_delta", "text", text=""),
        "reasoning": block("thinking", "thinking_delta", "thinking", thinking=""),
        "a tool call": block("tool_use", "input_json_delta", "partial_json", id="toolu_1", name="f"),
    },
}
ENDS: dict[str, list[dict[str, Any]]] = {
    "chat/completions": [
        {"choices": [{"index": place, "delta": {}, "finish_reason": "stop"} for place in (0, 1)]},
        {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}},
    ],
    "responses": [
        {"type": "response.completed", "response": {"status": "completed", "output": [], "usage": FIGURES}}
    ],
    "messages": [
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}},
        {"type": "message_stop"},
    ],
}
CASES = [
    pytest.param(endpoint, payloads, id=f"{endpoint}: {name}")
    for endpoint, carried in CARRIED.items()
    for name, payloads in carried.items()
]
BROKEN = BrokenAnswer(FailureKind.CUT, "The line broke.")


def stream(*payloads: dict[str, Any]) -> bytes:
    return b"".join(b"data: %s\n\n" % json.dumps(payload).encode() for payload in payloads)


def read(endpoint: str, data: bytes, ending: str) -> Answer:
    reader = AnswerReader(endpoint, 200, {})
    endings: dict[str, Callable[[], list[Event]]] = {
        "stopped": list,
        "closed": reader.close,
        "broken": partial(reader.fail, BROKEN),
    }
    return answer_of(*reader.begin(), *reader.feed(data), *endings[ending]())


@pytest.mark.parametrize("ending", ["stopped", "closed", "broken"])
@pytest.mark.parametrize(("endpoint", "carried"), CASES)
def test_a_stream_that_was_cut_is_billed_for_what_came(endpoint, carried, ending):
    found = billed(read(endpoint, stream(*BEGINNINGS[endpoint], *carried), ending))
    assert 1000 <= found.output_tokens <= 1001
    assert (found.input_tokens, found.source) == (SENT, CostSource.ESTIMATED)


@pytest.mark.parametrize(("endpoint", "carried"), CASES)
def test_a_whole_stream_is_billed_as_reported(endpoint, carried):
    data = stream(*BEGINNINGS[endpoint], *carried, *ENDS[endpoint])
    for ending in ("stopped", "closed", "broken"):
        found = billed(read(endpoint, data, ending))
        assert (found.input_tokens, found.output_tokens, found.source) == (7, 3, CostSource.PRICED)


@pytest.mark.parametrize("ending", ["stopped", "closed", "broken"])
def test_a_reason_to_finish_alone_makes_early_figures_no_bill(ending):
    """The answer is stopped between the two last chunks, or the server leaves out the last."""
    chunks = [*BEGINNINGS["chat/completions"], chat(content=LONG), ENDS["chat/completions"][0]]
    found = billed(read("chat/completions", stream(*chunks), ending))
    assert (found.output_tokens, found.source) == (1000, CostSource.ESTIMATED)


# --- recordings, cut after every byte ---

OURS = Path(__file__).parent.parent / "playground" / "recordings"


def recorded() -> Iterator[Any]:
    for entry in json.loads((OURS / "manifest.json").read_text(encoding="utf-8")):
        yield entry["file"], entry["endpoint"], (OURS / entry["file"]).read_bytes()
    for entry in recordings(""):
        yield entry["file"], entry["endpoint"].removeprefix("/v1/"), recording_bytes(entry)


STREAMS = [pytest.param(*found[1:], id=found[0]) for found in recorded() if found[0].endswith(".sse")]


def test_it_knows_the_recordings():
    """Recordings beside the checkout are read in addition to those in it."""
    assert len(STREAMS) >= (46 if not FACTS.is_dir() else 46 + 59)


@pytest.mark.parametrize(("endpoint", "data"), STREAMS)
def test_cutting_later_never_bills_less(endpoint, data):
    reader, answer = AnswerReader(endpoint, 200, {}), Answer()
    most = 0
    for place in range(len(data)):
        events = reader.feed(data[place : place + 1])
        for event in events:
            answer.apply(event)
        if not events:
            continue
        found, usage = billed(answer), answer.usage
        if usage is None or usage.is_partial:
            assert found.output_tokens >= max(most, written_tokens(answer))
            most = found.output_tokens
        else:
            assert (found.input_tokens, found.output_tokens) == (usage.input_tokens, usage.output_tokens)
