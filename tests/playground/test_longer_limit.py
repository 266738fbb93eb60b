"""The higher limit for an answer that its token limit has cut off."""

from __future__ import annotations

from typing import Any

import pytest

from playground.parameters.known.longer_limit import LongerLimit, longer_limit
from playground.parameters.schema.request_schema import RequestSchema, read_request_schema


def request_schema(**properties: dict[str, Any]) -> RequestSchema:
    return read_request_schema({"type": "object", "properties": properties})


TOKENS: dict[str, Any] = {"type": "integer", "minimum": 1}
BOUNDED: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 4096}


@pytest.mark.parametrize(
    ("properties", "parameters", "known", "expected"),
    [
        # The limit doubles, or quadruples if there was no text, up from a least value.
        ({"max_tokens": TOKENS}, {"max_tokens": 1000}, {}, ("max_tokens", 1000, 2000)),
        ({"max_tokens": TOKENS}, {"max_tokens": 1000}, {"is_empty": True}, ("max_tokens", 1000, 4000)),
        ({"max_tokens": TOKENS}, {"max_tokens": 5}, {}, ("max_tokens", 5, 256)),
        # The schema or the catalogue states the most that the model allows.
        ({"max_tokens": BOUNDED}, {"max_tokens": 4000}, {}, ("max_tokens", 4000, 4096)),
        ({"max_tokens": TOKENS}, {"max_tokens": 1000}, {"output_max": 1500}, ("max_tokens", 1000, 1500)),
        ({"max_tokens": BOUNDED}, {"max_tokens": 4096}, {}, None),
        ({"max_tokens": TOKENS}, {"max_tokens": 1000}, {"output_max": 1000}, None),
        # The number of written tokens is the starting point if no limit was sent.
        ({"max_tokens": TOKENS}, {}, {"written": 1024}, ("max_tokens", None, 2048)),
        ({"max_tokens": BOUNDED}, {}, {}, ("max_tokens", None, 4096)),
        ({"max_tokens": TOKENS}, {}, {}, None),
        ({"max_tokens": TOKENS}, {"max_tokens": None}, {"written": 10}, ("max_tokens", None, 256)),
        # The limit that was sent is raised, or the smaller of two, else the preferred one.
        (
            {"max_tokens": TOKENS, "max_completion_tokens": TOKENS},
            {"max_tokens": 300},
            {},
            ("max_tokens", 300, 600),
        ),
        (
            {"max_tokens": TOKENS, "max_completion_tokens": TOKENS},
            {"max_tokens": 300, "max_completion_tokens": 200},
            {},
            ("max_completion_tokens", 200, 400),
        ),
        (
            {"max_tokens": TOKENS, "max_completion_tokens": TOKENS},
            {},
            {"written": 200},
            ("max_completion_tokens", None, 400),
        ),
        ({"max_output_tokens": TOKENS}, {"max_output_tokens": 200}, {}, ("max_output_tokens", 200, 400)),
        # The model has no such parameter, or not as a number.
        ({"seed": TOKENS}, {}, {"written": 200}, None),
        ({"max_tokens": {"type": "string"}}, {"max_tokens": "300"}, {"written": 200}, None),
        ({"max_tokens": TOKENS}, {"max_tokens": True}, {}, None),
    ],
)
def test_it_goes_on_from_where_the_answer_was_cut(properties, parameters, known, expected):
    found = longer_limit(request_schema(**properties), parameters, **{"written": None, **known})
    assert found == (LongerLimit(*expected) if expected else None)
