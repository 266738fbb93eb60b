"""Broken recordings never raise, hang or pile up. Ten million bytes of them: ``python -m bench.fuzz``."""

from __future__ import annotations

import random

import pytest

from bench import fuzz
from playground.upstream.answer import Answer
from playground.upstream.dialects.registry import normaliser_for
from playground.upstream.dialects.shared.reading.limits import (
    MAX_CHOICES,
    MAX_CITATIONS,
    MAX_IMAGES,
    MAX_ITEMS,
    MAX_LOGPROBS,
    MAX_TOOL_CALLS,
    MAX_UNKNOWN_NAMES,
    MAX_VALUES,
)
from playground.upstream.sse import ServerSentEvent, SseParser
from playground.upstream.sse_fields import MAX_EVENT_LINES

BYTES = 200_000


def test_it_survives_broken_recordings():
    outcome = fuzz.fuzz(fuzz.SEED, BYTES)
    assert outcome.bytes >= BYTES
    # A useful set of mutations breaks some recordings and leaves some whole.
    assert 0 < outcome.failed < outcome.answers
    assert 0 < outcome.truncated < outcome.answers


def test_it_gives_the_same_inputs_for_the_same_seed():
    assert list(fuzz.inputs(5, 20_000)) == list(fuzz.inputs(5, 20_000))
    assert list(fuzz.inputs(5, 20_000)) != list(fuzz.inputs(6, 20_000))


def test_it_names_the_input_that_shows_a_fault(monkeypatch):
    monkeypatch.setattr(fuzz, "AnswerReader", None)
    with pytest.raises(AssertionError, match=r"Input 0 of seed 1, from .*: TypeError"):
        fuzz.fuzz(1, 1_000)


@pytest.mark.parametrize("mutation", fuzz.MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_every_mutation_changes_something(mutation):
    dice = random.Random(1)
    (one, *_) = fuzz.recordings()
    assert any(mutation(dice, one.data) != one.data for _ in range(20))


# --- what little input could make much of ---


def read(endpoint: str, *payloads: str) -> Answer:
    normaliser, answer = normaliser_for(endpoint), Answer()
    for payload in payloads:
        for event in normaliser.feed(ServerSentEvent(payload.encode())):
            answer.apply(event)
    for event in normaliser.close():
        answer.apply(event)
    return answer


def test_it_bounds_choices():
    payloads = (f'{{"choices":[{{"index":{n},"delta":{{"content":"x"}}}}]}}' for n in range(5_000))
    assert len(read("chat/completions", *payloads).others) < MAX_CHOICES


@pytest.mark.parametrize(
    ("endpoint", "payload"),
    [
        (
            "chat/completions",
            '{{"choices":[{{"delta":{{"tool_calls":[{{"index":{n},"id":"c{n}","function":{{"name":"f"}}}}]}}}}]}}',
        ),
        (
            "responses",
            '{{"type":"response.output_item.added","output_index":{n},'
            '"item":{{"type":"function_call","call_id":"c{n}","name":"f"}}}}',
        ),
        (
            "messages",
            '{{"type":"content_block_start","index":{n},"content_block":{{"type":"tool_use","id":"c{n}"}}}}',
        ),
    ],
)
def test_it_bounds_tool_calls(endpoint, payload):
    answer = read(endpoint, *(payload.format(n=n) for n in range(3_000)))
    assert len(answer.first.tool_calls) == MAX_TOOL_CALLS


@pytest.mark.parametrize(
    ("endpoint", "payload"),
    [
        ("chat/completions", '{{"choices":[],"citations":["https://a.example/{n}"]}}'),
        (
            "responses",
            '{{"type":"response.output_text.annotation.added",'
            '"annotation":{{"type":"url_citation","url":"https://a.example/{n}"}}}}',
        ),
        (
            "messages",
            '{{"type":"content_block_delta","index":0,"delta":{{"type":"citations_delta",'
            '"citation":{{"url":"https://a.example/{n}"}}}}}}',
        ),
    ],
)
def test_it_bounds_citations(endpoint, payload):
    answer = read(endpoint, *(payload.format(n=n) for n in range(MAX_CITATIONS + 500)))
    assert len(answer.citations) == MAX_CITATIONS


def test_it_bounds_images():
    url = "data:image/png;base64,iVBORw0="
    payload = f'{{"choices":[{{"delta":{{"images":[{{"image_url":{{"url":"{url}"}}}}]}}}}]}}'
    assert len(read("chat/completions", *[payload] * 200).images) == MAX_IMAGES


def test_it_bounds_log_probabilities():
    token = '{"token":"a","logprob":-1,"top_logprobs":[{"token":"b","logprob":-2}]}'
    payload = f'{{"choices":[{{"delta":{{}},"logprobs":{{"content":[{",".join([token] * 1_000)}]}}}}]}}'
    tokens = read("chat/completions", *[payload] * 100).first.logprobs
    assert len(tokens) + sum(len(token.others) for token in tokens) == MAX_LOGPROBS


def test_it_bounds_the_providers_own_tools():
    payload = (
        '{{"type":"response.output_item.done","output_index":{n},"item":{{"type":"mcp_call","id":"m{n}"}}}}'
    )
    answer = read("responses", *(payload.format(n=n) for n in range(MAX_ITEMS + 500)))
    assert len(answer.hosted_tools) == MAX_ITEMS


@pytest.mark.parametrize("endpoint", ["chat/completions", "responses", "messages"])
def test_it_names_what_it_does_not_know_once_and_counts_the_rest(endpoint):
    normaliser = normaliser_for(endpoint)
    names = [f'{{"type":"new_{n}"}}'.encode() for n in range(200)]
    events = [event for name in names * 2 for event in normaliser.feed(ServerSentEvent(name))]
    assert len(events) == MAX_UNKNOWN_NAMES
    assert normaliser.unknown_payloads == 400


@pytest.mark.parametrize("text", [" ", "<think> ", "</think> "])
def test_it_holds_no_white_space_without_end(text):
    chunk = '{"choices":[{"delta":{"content":"%s"}}]}'
    answer = read("chat/completions", chunk % text, *[chunk % "          "] * 20_000, chunk % "word")
    # Checking all held text again with every chunk would take minutes.
    assert (answer.text + answer.reasoning).endswith("word")


def test_it_takes_no_payload_that_would_become_millions_of_values():
    normaliser = normaliser_for("chat/completions")
    dense = b'{"choices":[],"usage":{"x":[' + b"[]," * MAX_VALUES + b"[]]}}"
    assert normaliser.feed(ServerSentEvent(dense)) == []
    assert normaliser.invalid_payloads == 1


def test_it_takes_no_event_that_would_become_millions_of_lines():
    (event,) = SseParser().feed(b"data\n" * (MAX_EVENT_LINES * 5) + b"\n")
    assert event.data.count(b"\n") <= MAX_EVENT_LINES * 5


def test_it_takes_a_picture_in_one_event():
    url = "data:image/png;base64,iVBORw" + "A" * (3 * 1024 * 1024)
    payload = f'{{"choices":[{{"delta":{{"images":[{{"image_url":{{"url":"{url}"}}}}]}}}}]}}'
    (event,) = SseParser().feed(f"data: {payload}\n\n".encode())
    answer = read("chat/completions", event.text)
    assert len(answer.images[0]["data"]) == 6 + 3 * 1024 * 1024


def test_it_puts_a_signature_of_very_many_pieces_together():
    piece = '{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"%s"}}'
    start = '{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}'
    answer = read("messages", start, *[piece % ("x" * 50)] * 100_000)
    # Copying the text with every piece would take minutes.
    assert len(answer.first.opaque_reasoning[0]["signature"]) == 5_000_000
