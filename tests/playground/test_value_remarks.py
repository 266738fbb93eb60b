from __future__ import annotations

import doctest
import json
from typing import Any

import pytest

from playground.catalogue.bundled_models import bundled_models
from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.known import value_remarks as module
from playground.parameters.known.help import known_parameter
from playground.parameters.known.value_remarks import REMARKS, value_remarks
from playground.parameters.schema.request_schema import read_request_schema

JSON_OBJECT = {"type": "json_object"}


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, []),
        ({"n": 1, "response_format": {"type": "text"}, "logprobs": True, "top_logprobs": 3}, []),
        ({"n": 3}, ["n"]),
        ({"n": 3, "temperature": 0}, ["n", "n"]),
        ({"n": None, "top_logprobs": None, "logprobs": False}, []),
        ({"top_logprobs": 3, "logprobs": False}, ["top_logprobs"]),
        ({"response_format": JSON_OBJECT}, ["response_format"]),
        ({"text": {"format": JSON_OBJECT}}, ["text"]),
        ({"text": "json_object", "response_format": ["json_object"]}, []),
        ({"modalities": ["text", "audio"]}, ["modalities"]),
        ({"modalities": ["text", "audio"], "audio": {"voice": "ash", "format": "wav"}}, []),
        ({"background": True}, []),
        ({"background": True, "store": False}, ["background"]),
        ({"previous_response_id": "resp_1"}, ["previous_response_id"]),
        ({"previous_response_id": None}, []),
        ({"previous_response_id": "resp_1", "store": False}, ["previous_response_id"] * 2),
        ({"max_tokens": 100, "reasoning": {"max_tokens": 100}}, ["reasoning"]),
        ({"max_tokens": 101, "reasoning": {"max_tokens": 100}}, []),
        ({"max_tokens": True, "n": True, "reasoning": {"max_tokens": "100"}}, []),
    ],
)
def test_it_remarks_on_values_that_do_not_go_together(values, names):
    assert [name for name, _ in value_remarks(values)] == names


def test_every_remark_is_about_a_known_parameter_in_a_sentence():
    for remark in REMARKS:
        assert known_parameter(remark.name).help
        assert remark.sentence.endswith(".")
        assert len(remark.sentence) < 120


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(module).failed == 0


def _form(model_id: str, kind: str, values: dict[str, Any]) -> ParameterForm:
    schema = next(model for model in bundled_models() if model.model_id == model_id).schemas[kind]
    posted: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            posted |= {f"p.{name}.json": json.dumps(value), f"p.{name}.state": "json"}
        else:
            posted[f"p.{name}"] = str(value)
    return ParameterForm(read_request_schema(schema), posted)


@pytest.mark.parametrize(
    ("model_id", "kind"),
    [("anthropic/claude-opus-4.1", "chat/completions"), ("anthropic/claude-opus-4", "messages")],
)
@pytest.mark.parametrize(("length", "is_valid"), [(4096, False), (1000, False), (4097, True)])
def test_a_budget_that_max_tokens_does_not_exceed_is_wrong_at_its_field(model_id, kind, length, is_valid):
    thinking = {"type": "enabled", "budget_tokens": 4096}
    form = _form(model_id, kind, {"max_tokens": length, "thinking": thinking})
    assert form.is_valid() is is_valid
    said = [text for texts in form.errors_by_name.values() for text in texts]
    wanted = f"max_tokens is {length:,} and includes thinking. Make it larger than this budget."
    assert [text.removeprefix("budget_tokens: ") for text in said] == ([] if is_valid else [wanted])


def test_a_remark_does_not_keep_a_form_from_being_sent():
    form = _form("gpt-4o", "chat/completions", {"n": 2, "temperature": 0, "response_format": JSON_OBJECT})
    assert form.is_valid()
    assert {"n", "response_format"} <= form.warnings.keys()
