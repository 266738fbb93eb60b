from __future__ import annotations

import doctest
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.template.loader import get_template

from accounts import prices
from chat.flows import send_prompt
from chat.models import Run
from chat.pages import receipt, receipt_details, sidebar
from playground.upstream import reported_cost
from tests.chat.markdown_corpus import text_of


@pytest.mark.parametrize("module", [receipt, receipt_details, prices, sidebar, send_prompt, reported_cost])
def test_the_examples_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(("is_estimated", "words"), [(True, "about <b>$0.50</b>"), (False, "<b>$0.50</b>")])
def test_an_estimate_says_that_it_is_one(is_estimated, words):
    run = Run(status=Run.Status.FINISHED, credits=1_000_000, is_cost_estimated=is_estimated)
    html = get_template("chat/_receipt.html").render({"receipt": receipt.final_receipt(run)})

    assert ("about <b>$0.50</b>" in html) == is_estimated
    assert ("estimated" in html) == is_estimated


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"usd": Decimal("0.00014")}, "280 credits; the provider reported this cost"),
        ({"input_price": 1, "output_price": 1}, "280 credits"),
        (
            {"is_cost_estimated": True, "usage": {"cost": 0.02}},
            "280 credits; estimated: its tokens at a cautious price, since this model has none; "
            "the provider reported 0.02, without its currency",
        ),
        (
            {
                "is_cost_estimated": True,
                "usage": {"cost": 1e-7, "currency": "EUR"},
                "input_price": 1,
                "output_price": 1,
            },
            "280 credits; estimated: the provider reported 0.0000001 EUR",
        ),
        (
            {"is_cost_estimated": True, "are_tokens_estimated": True, "input_price": 1, "output_price": 1},
            "280 credits; estimated: its tokens, counted here",
        ),
        (
            {
                "is_cost_estimated": True,
                "input_price": 1,
                "output_price": 1,
                "list_price_on": date(2026, 11, 30),
            },
            "280 credits; estimated: its tokens at the vendor’s list price of 30 November 2026",
        ),
        (
            {"is_cost_estimated": True},
            "280 credits; estimated: its tokens at a cautious price, since this model has none",
        ),
    ],
)
def test_it_names_the_source_of_the_cost(fields, words):
    run = Run(status=Run.Status.FINISHED, credits=280, **fields)
    html = get_template("chat/_receipt.html").render({"receipt": receipt.final_receipt(run)})
    assert f'title="{words}"' in html
    assert "did not report" not in html


STARTED = datetime(2026, 5, 1, tzinfo=UTC)


def shown(run: Run) -> str:
    return text_of(get_template("chat/_receipt.html").render({"receipt": receipt.final_receipt(run)}))


@pytest.mark.parametrize(
    ("source", "basis", "words"),
    [
        ({"usd": Decimal("0.1")}, {}, "the provider reported this cost"),
        ({}, {"origin": "admin"}, "its tokens at the price that an admin set"),
        ({}, {"origin": "provider"}, "its tokens at the price that the provider states"),
        ({}, {"origin": "own_server"}, "free: a server on your own network, without a key"),
        ({"is_cost_estimated": True}, {"origin": "rule"}, "an admin’s price for models without one"),
    ],
)
def test_the_details_say_how_the_cost_came_about(source, basis, words):
    run = Run(
        status=Run.Status.FINISHED,
        credits=280,
        basis={"prices": {"input": "1", "output": "1", **basis}, "hidden_tokens": 1200},
        **source,
    )
    html = shown(run)
    assert words in html
    assert "hidden reasoning" in html and "1,200 tokens, counted by the provider and not sent" in html


def ended(status: Run.Status, seconds: float, first_token_ms: int | None, tokens: int | None) -> Run:
    return Run(
        status=status,
        started_at=STARTED,
        finished_at=STARTED + timedelta(seconds=seconds),
        first_token_ms=first_token_ms,
        credits=32,
        output_tokens=tokens,
        are_tokens_estimated=status != Run.Status.FINISHED,
    )


def test_an_answer_that_was_cut_short_keeps_its_figures():
    html = shown(ended(Run.Status.STOPPED, 15.5, first_token_ms=500, tokens=75))

    assert "5 tokens/s" in html
    assert "about 75 tokens" in html


def test_an_answer_whose_process_died_has_no_rate():
    """A reaped run counts as ended when it was found, not when its last word came."""
    html = shown(ended(Run.Status.INTERRUPTED, 60, first_token_ms=None, tokens=75))

    assert "about 75 tokens" in html
    assert "tokens/s" not in html


def test_what_the_provider_counted_is_no_estimate():
    html = shown(ended(Run.Status.FINISHED, 15.5, first_token_ms=500, tokens=30))

    assert "2 tokens/s" in html
    assert "about 30" not in html
    assert "30 tokens" in html


def test_it_says_how_long_the_prompt_was_and_how_long_the_answer():
    run = ended(Run.Status.FINISHED, 15.5, first_token_ms=500, tokens=642)
    run.input_tokens = 1204

    assert "1,204 in, → 642 out, tokens" in " ".join(shown(run).split())


def test_an_answer_without_a_word_has_no_tokens():
    run = ended(Run.Status.FAILED, 1, first_token_ms=None, tokens=None)
    run.credits = None
    assert "tokens" not in shown(run)


@pytest.mark.parametrize(
    ("usage", "details"),
    [
        (
            {
                "prompt_tokens_details": {"cached_tokens": 1200, "audio_tokens": 7, "image_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 1},
            },
            [
                ("read from the cache", "1,200 tokens"),
                ("audio read", "7 tokens"),
                ("reasoning", "5 tokens"),
                ("audio written", "1 token"),
            ],
        ),
        (
            {"input_tokens_details": {"cached_tokens": 3}, "output_tokens_details": {"image_tokens": 9}},
            [("read from the cache", "3 tokens"), ("images written", "9 tokens")],
        ),
        (
            {"cache_creation_input_tokens": 8, "cache_read_input_tokens": 4, "service_tier": "standard"},
            [("read from the cache", "4 tokens"), ("written to the cache", "8 tokens")],
        ),
        # DeepSeek counts the same tokens under two names.
        (
            {"prompt_cache_hit_tokens": 6, "prompt_tokens_details": {"cached_tokens": 6}},
            [("read from the cache", "6 tokens")],
        ),
        ({"prompt_tokens_details": [1], "completion_tokens_details": {"audio_tokens": "many"}}, []),
        ({"prompt_tokens_details": {"cached_tokens": -1, "audio_tokens": True}}, []),
        (None, []),
    ],
)
def test_the_details_name_each_kind_of_tokens_once(usage, details):
    assert receipt_details.receipt_details(usage, {}, "m") == details


def test_the_details_escape_the_marks_of_a_provider():
    run = Run(
        status=Run.Status.FINISHED,
        model_id="asked/for",
        reported={"model": "answered-by", "system_fingerprint": "<script>", "response_id": "resp_1"},
    )
    html = get_template("chat/_receipt.html").render({"receipt": receipt.final_receipt(run)})
    words = text_of(html)
    assert "answered by" in words and "answered-by" in words and "resp_1" in words
    assert "<script>" not in html
    # Runs of earlier versions have no marks, and an answer by the model itself does not name it.
    for reported in (None, {}, {"model": "asked/for"}):
        run.reported = reported
        bare = get_template("chat/_receipt.html").render({"receipt": receipt.final_receipt(run)})
        assert "receipt-details" not in bare
