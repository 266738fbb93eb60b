from __future__ import annotations

import doctest
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import pricing
from playground.pricing import DEFAULT_OUTPUT_TOKENS, cost, count_tokens, estimate


@dataclass
class Model:
    output_max: int | None = None
    input_price: Decimal | None = Decimal(1_000_000)
    output_price: Decimal | None = Decimal(2_000_000)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
PROMPT = [{"role": "user", "content": "x" * 400}]


def test_the_examples_are_true():
    assert doctest.testmod(pricing).failed == 0


@pytest.mark.parametrize(
    ("parameters", "output_max", "output_tokens"),
    [
        ({}, None, DEFAULT_OUTPUT_TOKENS),
        ({}, 1000, 1000),
        ({}, 128_000, DEFAULT_OUTPUT_TOKENS),
        ({"max_tokens": 100}, None, 100),
        ({"max_tokens": 100.5}, None, 101),
        ({"max_tokens": 100, "max_completion_tokens": 300}, None, 300),
        ({"max_tokens": 9_000_000}, 1000, 1000),
        ({"max_tokens": 100, "n": 3}, None, 300),
        ({"max_tokens": None, "n": None}, None, DEFAULT_OUTPUT_TOKENS),
        ({"max_tokens": True}, None, DEFAULT_OUTPUT_TOKENS),
    ],
)
def test_it_holds_for_the_longest_answer(parameters, output_max, output_tokens):
    short = estimate(PROMPT, {**parameters}, Model(output_max))
    # The rest is the prompt with a margin.
    assert 100 < short.tokens - output_tokens < 150


def test_no_estimate_is_more_than_the_books_can_hold():
    held = estimate(PROMPT, {"max_tokens": 900_000_000_000, "n": 900_000_000_000}, Model())

    assert (held.credits, held.tokens) == (10**15, 10**15)
    assert cost(10**15 - 1, 10**15 - 1, Decimal(10**12), Decimal(10**12)) == 10**15


def test_it_prices_both_directions():
    held = estimate(PROMPT, {"max_tokens": 100}, Model())
    assert held.credits == (held.tokens - 100) + 2 * 100


def test_it_never_holds_nothing_for_want_of_a_price():
    unknown = estimate(PROMPT, {}, Model(input_price=None, output_price=None))
    assert unknown.credits > 10_000
    free = estimate(PROMPT, {}, Model(input_price=Decimal(0), output_price=Decimal(0)))
    assert free.credits == 0
    assert free.tokens == unknown.tokens


def test_cost_is_unknown_without_prices_and_rounds_up():
    assert cost(10, 10, None, Decimal(1)) is None
    assert cost(10, 10, Decimal(1), None) is None
    assert cost(1, 0, Decimal(1), Decimal(1)) == 1
    assert cost(0, 0, Decimal(1), Decimal(1)) == 0


def test_it_counts_pictures_by_the_picture():
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 1_000_000}}
    assert count_tokens([{"role": "user", "content": [picture]}]) < 2100


def test_it_counts_bytes_of_scripts_without_spaces():
    assert count_tokens("日本語" * 100) >= 200


@given(ANYTHING)
def test_it_counts_anything(value):
    assert count_tokens(value) >= 0
