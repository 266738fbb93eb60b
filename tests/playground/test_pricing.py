from __future__ import annotations

import doctest
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import pricing
from playground.parameters.schema import output_length
from playground.pricing import cost, count_tokens, estimate

# The bound of an answer of a model of which nothing is known.
USUAL = 6143


@dataclass
class Model:
    output_max: int | None = None
    input_price: Decimal | None = Decimal(1_000_000)
    output_price: Decimal | None = Decimal(2_000_000)
    capabilities: tuple[str, ...] = ()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
PROMPT = [{"role": "user", "content": "x" * 400}]


def test_the_examples_are_true():
    assert doctest.testmod(pricing).failed == doctest.testmod(output_length).failed == 0


@pytest.mark.parametrize(
    ("parameters", "output_max", "output_tokens"),
    [
        ({}, None, USUAL),
        ({}, 1000, 1000),
        ({}, 128_000, USUAL),
        ({"max_tokens": 100}, None, 100),
        ({"max_tokens": 100.5}, None, 101),
        ({"max_tokens": 100, "max_completion_tokens": 300}, None, 300),
        ({"max_tokens": 9_000_000}, 1000, 1000),
        ({"max_tokens": 100, "n": 3}, None, 300),
        ({"max_tokens": None, "n": None}, None, USUAL),
        ({"max_tokens": True}, None, USUAL),
        ({"max_tokens": 0}, None, USUAL),
        # llama.cpp writes on until the model stops.
        ({"max_tokens": -1}, None, USUAL),
        ({"max_tokens": "many"}, None, USUAL),
        ({"max_tokens": "NaN"}, None, USUAL),
        ({"max_tokens": ["9000"]}, None, USUAL),
        ({"max_tokens": "9000"}, None, 9000),
        ({"max_tokens": " 9_000.0 "}, None, 9000),
        ({"max_tokens": 10**11, "n": "2"}, None, 2 * 10**11),
        ({"max_tokens": 10**12}, None, 10**12),
        ({"max_tokens": 10**12}, 1000, 1000),
        ({"max_tokens": 1e12}, 0, 10**12),
        ({"max_output_tokens": 10**12, "max_tokens": 5}, None, 10**12),
        ({"max_tokens": 100, "best_of": 3, "n": 2}, None, 300),
        ({"max_tokens": 100, "num_return_sequences": 3}, None, 300),
        ({"n_predict": 9000}, None, 9000),
        ({"max_new_tokens": 9000}, None, 9000),
        ({"min_tokens": 9000}, None, 9000),
        ({"options": {"num_predict": 9000}}, None, 9000),
        ({"generationConfig": {"maxOutputTokens": 9000, "candidateCount": 2}}, None, 18_000),
        ({"reasoning": {"max_tokens": 9000}}, None, USUAL + 9000),
        ({"reasoning": {"max_tokens": 9000}}, 10_000, 10_000),
        ({"reasoning": {"max_tokens": 9000}, "max_tokens": 100}, None, 9000),
        ({"thinking": {"type": "enabled", "budget_tokens": 9000}}, None, USUAL + 9000),
        ({"thinking": {"budget_tokens": 2000}, "max_tokens": 9000}, None, 9000),
        ({"thinking_budget": 9000}, None, USUAL + 9000),
        ({"thinking_budget": -1}, None, USUAL),
        # A schema in the parameters only describes something of this name.
        ({"schema": {"properties": {"max_tokens": {"minimum": 9000}}}}, None, USUAL),
        ({"a": {"b": {"c": {"d": {"max_tokens": 9000}}}}}, None, USUAL),
    ],
)
def test_it_holds_for_the_longest_answer(parameters, output_max, output_tokens):
    short = estimate(PROMPT, {**parameters}, Model(output_max))
    # The rest is the prompt with a margin.
    assert 100 < short.tokens - output_tokens < 170


def longest(parameters, output_max=None) -> int:
    return output_length.output_tokens(parameters, usual=10, output_max=output_max)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("max_completion_tokens max_output_tokens max_tokens Max_Tokens min_tokens max_length", 7),
        (
            "n_predict num_predict max_new_tokens max_gen_len max_tokens_to_sample maxOutputTokens maxTokens",
            7,
        ),
        ("budget_tokens thinking_budget thinkingBudget reasoning_budget", 17),
        ("n best_of num_return_sequences num_generations candidate_count candidateCount", 70),
        ("temperature top_k seed max_tool_calls", 10),
    ],
)
def test_a_number_counts_under_every_servers_name(names, expected):
    for name in names.split():
        assert longest({name: 7}) == expected, name
        assert longest({"options": {name: 7}}) == expected, name


@pytest.mark.parametrize("around", ["reasoning", "thinking", "thinking_config", "thinkingConfig"])
def test_a_length_of_reasoning_comes_on_top_of_the_answer(around):
    assert longest({around: {"max_tokens": 7}}) == 17
    assert longest({around: {"deeper": {"max_tokens": 7}}}) == 17
    assert longest({around: {"max_tokens": 7}, "max_tokens": 5}) == 7


def test_the_models_own_limit_is_one_for_each_answer():
    assert longest({}) == 10
    assert longest({"max_tokens": 1}) == 1
    assert longest({"n": 3, "max_tokens": 9}, output_max=4) == 12
    assert longest({"n": 3}, output_max=4) == 12
    assert longest({}, output_max=11) == 10


def test_it_looks_four_levels_deep():
    assert longest({"a": {"b": {"c": {"max_tokens": 7}}}}) == 7
    assert longest({"a": {"b": {"c": {"d": {"max_tokens": 7}}}}}) == 10


@pytest.mark.parametrize("value", [10**15, 10**30, 10**400 - 1, 1e30, 1e308, "1e999", "9" * 5000, "inf"])
@pytest.mark.parametrize("name", ["max_tokens", "n", "num_predict"])
def test_no_number_is_too_large_to_be_held(name, value):
    held = estimate(PROMPT, {name: value}, Model())

    assert (held.credits, held.tokens) == (10**15, 10**15)


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


def test_cost_is_cautious_without_prices_and_rounds_up():
    assert cost(10, 10, None, Decimal(1_000_000)) == 10 * 4 + 10
    assert cost(10, 10, Decimal(1_000_000), None) == 10 + 10 * 16
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
