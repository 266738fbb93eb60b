"""Parameters of one endpoint in the shapes of another."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from playground.upstream.dialects import joined, translate
from tests.official_shapes import errors_of

CHAT, RESPONSES, MESSAGES = "chat/completions", "responses", "messages"
KINDS = (CHAT, RESPONSES, MESSAGES)
# Parameters that the types of the official clients have.
OFFERED: dict[str, set[str]] = {
    CHAT: {
        *("max_completion_tokens", "stop", "reasoning_effort", "response_format", "verbosity"),
        *("tools", "tool_choice", "parallel_tool_calls", "temperature"),
    },
    RESPONSES: {
        *("max_output_tokens", "reasoning", "text", "tools", "tool_choice", "parallel_tool_calls"),
        "temperature",
    },
    MESSAGES: {
        *("max_tokens", "stop_sequences", "output_config", "thinking", "tools", "tool_choice", "temperature"),
    },
}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
GRAMMAR = {"definition": "a+", "syntax": "regex"}

# The same meaning at each endpoint that has a shape for it.
SAME: dict[str, dict[str, dict[str, Any]]] = {
    "a function": {
        CHAT: {
            "tools": [
                {
                    "type": "function",
                    "function": {"name": "f", "description": "Look.", "parameters": SCHEMA},
                }
            ]
        },
        RESPONSES: {
            "tools": [
                {
                    "type": "function",
                    "name": "f",
                    "description": "Look.",
                    "parameters": SCHEMA,
                    "strict": False,
                }
            ]
        },
        MESSAGES: {"tools": [{"name": "f", "description": "Look.", "input_schema": SCHEMA}]},
    },
    "a custom tool": {
        CHAT: {
            "tools": [
                {"type": "custom", "custom": {"name": "f", "format": {"type": "grammar", "grammar": GRAMMAR}}}
            ]
        },
        RESPONSES: {"tools": [{"type": "custom", "name": "f", "format": {"type": "grammar", **GRAMMAR}}]},
    },
    "a length": {
        CHAT: {"max_completion_tokens": 300},
        RESPONSES: {"max_output_tokens": 300},
        MESSAGES: {"max_tokens": 300},
    },
    "texts that end it": {CHAT: {"stop": ["a", "b"]}, MESSAGES: {"stop_sequences": ["a", "b"]}},
    "an effort": {
        CHAT: {"reasoning_effort": "low"},
        RESPONSES: {"reasoning": {"effort": "low"}},
        MESSAGES: {"output_config": {"effort": "low"}},
    },
    "a schema of the answer": {
        CHAT: {
            "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}
        },
        RESPONSES: {"text": {"format": {"type": "json_schema", "name": "answer", "schema": SCHEMA}}},
        MESSAGES: {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
    },
    "any JSON": {
        CHAT: {"response_format": {"type": "json_object"}},
        RESPONSES: {"text": {"format": {"type": "json_object"}}},
    },
    "how many words": {CHAT: {"verbosity": "low"}, RESPONSES: {"text": {"verbosity": "low"}}},
    "two in one object": {
        CHAT: {"verbosity": "low", "response_format": {"type": "json_object"}},
        RESPONSES: {"text": {"verbosity": "low", "format": {"type": "json_object"}}},
    },
}
FUNCTIONS = SAME["a function"]
CHOICES: dict[str, dict[str, dict[str, Any]]] = {
    "auto": {
        CHAT: {"tool_choice": "auto"},
        RESPONSES: {"tool_choice": "auto"},
        MESSAGES: {"tool_choice": {"type": "auto"}},
    },
    "none": {
        CHAT: {"tool_choice": "none"},
        RESPONSES: {"tool_choice": "none"},
        MESSAGES: {"tool_choice": {"type": "none"}},
    },
    "required": {
        CHAT: {"tool_choice": "required"},
        RESPONSES: {"tool_choice": "required"},
        MESSAGES: {"tool_choice": {"type": "any"}},
    },
    "a name": {
        CHAT: {"tool_choice": {"type": "function", "function": {"name": "f"}}},
        RESPONSES: {"tool_choice": {"type": "function", "name": "f"}},
        MESSAGES: {"tool_choice": {"type": "tool", "name": "f"}},
    },
    "one at a time": {
        CHAT: {"tool_choice": "required", "parallel_tool_calls": False},
        RESPONSES: {"tool_choice": "required", "parallel_tool_calls": False},
        MESSAGES: {"tool_choice": {"type": "any", "disable_parallel_tool_use": True}},
    },
}
SAME |= {
    f"choice: {name}": {kind: {**FUNCTIONS[kind], **said} for kind, said in choices.items()}
    for name, choices in CHOICES.items()
}
PAIRS = [
    pytest.param(source, kind, said[source], said[kind], id=f"{name}, {source} to {kind}")
    for name, said in SAME.items()
    for source, kind in itertools.product(said, said)
]


def body(kind: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    prompt = "input" if kind == RESPONSES else "messages"
    needed = {"max_tokens": 5} if kind == MESSAGES else {}
    said = "Hi" if kind == RESPONSES else [{"role": "user", "content": "Hi"}]
    return {"model": "m", "stream": True, prompt: said, **needed, **parameters}


@pytest.mark.parametrize(("source", "kind", "given", "expected"), PAIRS)
def test_what_has_an_equivalent_is_translated(source, kind, given, expected):
    before = repr(given)
    found = translate(source, kind, OFFERED[kind], given)
    assert found.parameters == expected
    assert found.left == []
    assert bool(found.changed) == (given != expected)
    assert errors_of(kind, body(kind, found.parameters)) == []
    # The values that the page still shows are not changed.
    assert repr(given) == before


@pytest.mark.parametrize(
    ("source", "kind", "given", "kept", "left"),
    [
        (
            RESPONSES,
            MESSAGES,
            {"tools": [*FUNCTIONS[RESPONSES]["tools"], {"type": "web_search_preview"}]},
            FUNCTIONS[MESSAGES],
            [
                (
                    "tools",
                    [{"type": "web_search_preview"}],
                    "The tool “web_search_preview” exists at responses only.",
                )
            ],
        ),
        (
            MESSAGES,
            CHAT,
            {
                "tools": [{"type": "web_search_20250305", "name": "web_search"}],
                "tool_choice": {"type": "any"},
            },
            {},
            [
                (
                    "tools",
                    [{"type": "web_search_20250305", "name": "web_search"}],
                    "The tool “web_search_20250305” exists at messages only.",
                ),
                ("tool_choice", {"type": "any"}, "No tool is left to choose."),
            ],
        ),
        (
            CHAT,
            RESPONSES,
            {"tools": [{"type": "browser_search"}]},
            {},
            [
                (
                    "tools",
                    [{"type": "browser_search"}],
                    "The tool “browser_search” exists at chat/completions only.",
                )
            ],
        ),
        (
            RESPONSES,
            MESSAGES,
            {"tools": [{"type": "custom", "name": "run"}]},
            {},
            [
                (
                    "tools",
                    [{"type": "custom", "name": "run"}],
                    "The custom tool “run” has no equivalent at messages.",
                )
            ],
        ),
        (
            RESPONSES,
            CHAT,
            {**FUNCTIONS[RESPONSES], "tool_choice": {"type": "file_search"}},
            FUNCTIONS[CHAT],
            [("tool_choice", {"type": "file_search"}, "This choice has no equivalent at chat/completions.")],
        ),
        (
            RESPONSES,
            CHAT,
            {**FUNCTIONS[RESPONSES], "tool_choice": {"type": "function", "name": "gone"}},
            FUNCTIONS[CHAT],
            [
                (
                    "tool_choice",
                    {"type": "function", "name": "gone"},
                    "This choice has no equivalent at chat/completions.",
                )
            ],
        ),
        (
            CHAT,
            MESSAGES,
            {"tools": [7]},
            {},
            [("tools", [7], "This tool has no equivalent at messages.")],
        ),
    ],
)
def test_what_has_none_is_left_out_with_the_reason(source, kind, given, kept, left):
    found = translate(source, kind, OFFERED[kind], given)
    assert found.parameters == kept
    assert [(each.name, each.value, each.reason) for each in found.left] == left


@pytest.mark.parametrize(
    ("source", "kind", "given", "expected"),
    [
        # The schema of the other endpoint decides about everything else.
        (MESSAGES, CHAT, {"thinking": {"type": "enabled"}}, {"thinking": {"type": "enabled"}}),
        (RESPONSES, CHAT, {"reasoning": {"summary": "auto"}}, {"reasoning": {"summary": "auto"}}),
        (
            RESPONSES,
            CHAT,
            {"reasoning": {"effort": "low", "summary": "auto"}},
            {"reasoning_effort": "low", "reasoning": {"summary": "auto"}},
        ),
        (
            CHAT,
            MESSAGES,
            {"response_format": {"type": "json_object"}},
            {"response_format": {"type": "json_object"}},
        ),
        (CHAT, RESPONSES, {"stop": "x", "temperature": 1}, {"stop": "x", "temperature": 1}),
        (CHAT, MESSAGES, {"stop": "x"}, {"stop_sequences": ["x"]}),
        (CHAT, RESPONSES, {"reasoning_effort": None, "stop": None}, {"reasoning_effort": None, "stop": None}),
        # Two lengths, and one place for them.
        (
            CHAT,
            RESPONSES,
            {"max_tokens": 5, "max_completion_tokens": 6},
            {"max_output_tokens": 6, "max_tokens": 5},
        ),
        # The default of one dialect has no word in the other.
        (
            CHAT,
            MESSAGES,
            {**FUNCTIONS[CHAT], "parallel_tool_calls": True},
            FUNCTIONS[MESSAGES],
        ),
        # Unlike the others, /v1/responses takes a function as strict if it does not say.
        (
            CHAT,
            RESPONSES,
            {"tools": [{"type": "function", "function": {"name": "f"}}]},
            {"tools": [{"type": "function", "name": "f", "parameters": None, "strict": False}]},
        ),
        (
            CHAT,
            MESSAGES,
            {"tools": "f", "tool_choice": "auto"},
            {"tools": "f", "tool_choice": {"type": "auto"}},
        ),
    ],
)
def test_everything_else_stays_for_the_schema(source, kind, given, expected):
    found = translate(source, kind, OFFERED[kind], given)
    assert (found.parameters, found.left) == (expected, [])


def test_a_parameter_that_is_offered_keeps_its_name_at_the_same_endpoint():
    given = {"max_completion_tokens": 5, "tools": [{"type": "browser_search"}], "tool_choice": {"type": "x"}}
    assert translate(CHAT, CHAT, OFFERED[CHAT], given).parameters == given
    renamed = translate(CHAT, CHAT, {"max_tokens"}, {"max_completion_tokens": 5})
    assert (renamed.parameters, renamed.changed) == (
        {"max_tokens": 5},
        [("max_completion_tokens", "max_tokens")],
    )


def test_what_was_set_aside_joins_what_is_set():
    earlier = {"tools": [1, 2], "text": {"verbosity": "low", "format": 1}, "seed": 1, "user": "a"}
    current = {"tools": [2, 3], "text": {"format": 2}, "seed": 2}
    assert joined(earlier, current) == {
        "tools": [2, 3, 1],
        "text": {"verbosity": "low", "format": 2},
        "seed": 2,
        "user": "a",
    }


# --- Anything at all ---

_keys = st.sampled_from(
    [
        *("type", "name", "function", "custom", "parameters", "input_schema", "format", "grammar", "effort"),
        *("json_schema", "schema", "disable_parallel_tool_use", "verbosity", "strict", "description"),
    ]
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=8,
)
_names = st.sampled_from(sorted(set.union(*OFFERED.values())))
_types = st.sampled_from(
    ["function", "custom", "tool", "any", "auto", "json_schema", "grammar", "bash_20250124"]
)
_objects = st.fixed_dictionaries({"type": _types | _json}, optional={"name": _json, "function": _json})


@example("chat/completions", "responses", {"text": True, "response_format": {"type": "function"}})
@example("chat/completions", "responses", {"tools": True})
@given(
    st.sampled_from(KINDS),
    st.sampled_from(KINDS),
    st.dictionaries(_names, _objects | st.lists(_objects, max_size=3) | _json, max_size=6),
)
def test_it_never_fails_and_loses_nothing_without_a_word(source, kind, given):
    found = translate(source, kind, OFFERED[kind], given)
    told = {name for pair in found.changed for name in pair} | {each.name for each in found.left}
    lost = {name for name in given if name not in found.parameters and name not in told}
    # Only the default has no word in Anthropic's dialect.
    assert lost <= ({"parallel_tool_calls"} if given.get("parallel_tool_calls") is True else set())
