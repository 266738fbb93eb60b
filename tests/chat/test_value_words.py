"""How values of parameters are summarised in the line above an answer."""

from __future__ import annotations

import doctest
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.pages import value_words
from chat.pages.value_words import MOST_WHOLE, MOST_WORDS, in_words, whole


def test_the_examples_hold():
    assert doctest.testmod(value_words).failed == 0


def tool(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": "d", "parameters": {}}}


WORDS: list[tuple[Any, str]] = [
    (None, "null"),
    (False, "off"),
    (0, "0"),
    ("high", "high"),
    (" ", '" "'),
    ("\n\n", json.dumps("\n\n")),
    ("a\nb", "a b"),
    ("x" * 400, "x" * 39 + "…"),
    (10**60, "1" + "0" * 38 + "…"),
    # Lists.
    ([], "[]"),
    (["END"], "END"),
    (["a", "b"], "a, b"),
    (["one stop", "another stop", "a third stop"], "3 values"),
    ([["a"], ["b"]], "2 values"),
    ([None, True], "null, on"),
    ([tool("get_weather"), tool("search")], "get_weather, search"),
    ([{"type": "web_search"}, {"type": "mcp", "server_label": "docs"}], "web_search, docs"),
    ([tool(f"tool_number_{number}") for number in range(30)], "tool_number_0 and 29 more"),
    ([tool("x" * 400), tool("y")], "x" * 23 + "… and 1 more"),
    ([tool("<script>alert(1)</script>")], "<script>alert(1)</script>"),
    ([tool("\u202egnp.exe")], "gnp.exe"),
    ([tool(""), tool("b")], "function, b"),
    ([{}, {}], "2 entries"),
    ([{"role": "user", "content": "Hello"}], "1 message"),
    # Objects.
    ({}, "{}"),
    ({"type": "text"}, "text"),
    ({"type": "json_schema", "json_schema": {"name": "Invoice"}}, "json_schema Invoice"),
    ({"format": {"type": "json_schema", "name": "Invoice", "schema": {}}}, "format json_schema Invoice"),
    (tool("look_up"), "function look_up"),
    ({"type": "enabled", "budget_tokens": 1024}, "enabled, budget_tokens 1024"),
    ({"effort": "high", "summary": None}, "effort high, summary null"),
    ({str(token): -100 for token in range(12)}, "12 entries"),
    ({"a": {"b": {"c": {"d": 1}}}}, "a b 1 entry"),
    ({"type": 5}, "type 5"),
    ({"": ""}, '"" ""'),
]


@pytest.mark.parametrize(("value", "words"), WORDS)
def test_a_value_is_summarised(value, words):
    assert in_words(value) == words


@pytest.mark.parametrize("value", [None, True, 0.3, "high", ["END"], [" "], "\n"])
def test_what_its_words_say_is_not_shown_again(value):
    assert whole(value) == ""


@pytest.mark.parametrize("value", ["a\nb", "x" * 41, {}, {"a": 1}, ["a", "b"], [tool("a")], [["a"]]])
def test_anything_else_is_shown_whole(value):
    assert whole(value) == (value if isinstance(value, str) else json.dumps(value, indent=2))


def test_what_is_shown_whole_is_bounded():
    assert len(whole({"a": "x" * 10_000})) == MOST_WHOLE


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["type", "name"]), inner),
)


@given(_ANY)
def test_any_value_has_a_line_of_words(value):
    words = in_words(value)
    assert 0 < len(words) <= MOST_WORDS
    assert words.isprintable()
