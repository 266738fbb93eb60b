from __future__ import annotations

from typing import Any

import pytest

from playground.parameters.schema.request_schema import read_request_schema
from playground.parameters.schema.sendable_length import Sendable, sendable_length

NUMBER = {"type": "integer"}


def schema(**properties: Any) -> Any:
    return read_request_schema({"type": "object", "properties": properties})


@pytest.mark.parametrize(
    ("properties", "body", "expected"),
    [
        ({}, {}, None),
        ({"max_tokens": {"type": "string"}}, {}, None),
        ({"max_tokens": NUMBER}, {}, Sendable(("max_tokens",))),
        ({"max_tokens": {"type": ["integer", "null"]}}, {}, Sendable(("max_tokens",))),
        ({"max_output_tokens": {**NUMBER, "minimum": 16}}, {}, Sendable(("max_output_tokens",), 16)),
        ({"max_tokens": NUMBER, "max_completion_tokens": NUMBER}, {}, Sendable(("max_completion_tokens",))),
        ({"max_tokens": {**NUMBER, "maximum": 4096}}, {}, Sendable(("max_tokens",), 1, 4096)),
        # The name that is set is the one that is lowered, and its value the most.
        (
            {"max_tokens": NUMBER, "max_completion_tokens": NUMBER},
            {"max_tokens": 500},
            Sendable(("max_tokens",), 1, 500),
        ),
        (
            {"max_tokens": NUMBER, "max_completion_tokens": NUMBER},
            {"max_tokens": 500, "max_completion_tokens": 700},
            Sendable(("max_completion_tokens", "max_tokens"), 1, 500),
        ),
        ({"max_tokens": NUMBER}, {"max_tokens": None}, Sendable(("max_tokens",))),
        # A length under another server's name would contradict it.
        ({"max_tokens": NUMBER}, {"n_predict": 500}, None),
        ({"max_tokens": NUMBER}, {"options": {"num_predict": 500}}, None),
        ({"max_tokens": NUMBER}, {"max_tokens": 500, "min_tokens": 100}, None),
        ({}, {"max_tokens": 500}, Sendable(("max_tokens",), 1, 500)),
        # A budget for thinking has to stay below it.
        ({"max_tokens": NUMBER}, {"thinking": {"budget_tokens": 1024}}, Sendable(("max_tokens",), 1025)),
    ],
)
def test_a_length_is_sent_under_the_name_that_the_endpoint_takes(properties, body, expected):
    assert sendable_length(schema(**properties), body) == expected


def test_no_more_is_sent_than_the_schema_and_the_user_allow():
    assert Sendable(("max_tokens",), 1, 500).parameters(700) == {"max_tokens": 500}
    assert Sendable(("a", "b")).parameters(700) == {"a": 700, "b": 700}
