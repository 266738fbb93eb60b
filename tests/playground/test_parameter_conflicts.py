from __future__ import annotations

import doctest

import pytest

from playground.parameters.known import conflicts as module
from playground.parameters.known.conflicts import conflicts, lacking
from playground.parameters.known.help import known_parameter


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], []),
        (["temperature", "seed"], []),
        (["top_p", "temperature"], [("temperature", "top_p")]),
        ({"max_tokens": 1, "max_completion_tokens": 2}, [("max_tokens", "max_completion_tokens")]),
        (
            {"temperature", "top_p", "top_k"},
            [("temperature", "top_p"), ("temperature", "top_k")],
        ),
        (["guided_choice", "response_format"], [("guided_choice", "response_format")]),
        (
            ["search_recency_filter", "search_after_date_filter"],
            [("search_recency_filter", "search_after_date_filter")],
        ),
    ],
)
def test_it_finds_what_is_set_twice_or_excludes_another(names, found):
    assert [conflict.names for conflict in conflicts(names)] == found


def test_it_finds_what_is_set_in_vain():
    offered = ["logprobs", "top_logprobs", "tool_choice"]
    assert [need.names for need in lacking({"top_logprobs": 3}, offered)] == [("top_logprobs", "logprobs")]
    assert lacking(["top_logprobs", "logprobs"], offered) == []
    # The warning would be useless if the model lacks the other parameter.
    assert lacking(["tool_choice"], offered) == []


def test_every_fact_is_about_parameters_that_exist_and_is_said_once():
    facts = [*module._EXCLUDING, *module._NEEDING]
    for fact in facts:
        assert [name for name in fact.names if not known_parameter(name).help] == []
        assert fact.sentence.endswith(".")
        assert len(fact.sentence) < 160
    assert len({frozenset(fact.names) for fact in facts}) == len(facts)


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(module).failed == 0
