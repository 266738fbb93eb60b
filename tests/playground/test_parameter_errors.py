from __future__ import annotations

from typing import Any

import pytest

from playground.parameters.form.errors import FormError, form_errors, path_of
from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.schema.request_schema import read_request_schema

NAMED = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
SEED = {"type": "integer", "minimum": 1}


def errors(properties: dict[str, Any], posted: dict[str, Any]) -> list[FormError]:
    return form_errors(ParameterForm(read_request_schema({"properties": properties}), posted))


def test_it_says_which_parameter_and_what_is_wrong_with_it():
    found = errors({"seed": SEED, "top": SEED}, {"p.seed": "0", "p.top": "1"})
    assert found == [FormError("Must be at least 1.", "seed", "p-seed")]


def test_a_part_is_named_by_its_place_in_the_body():
    tools = {"type": "array", "items": NAMED}
    found = errors({"tools": tools}, {"p.tools.0.item": "1"})
    assert found == [FormError("Required.", "tools.0.name", "p-tools-0-name")]


def test_what_the_model_does_not_have_leads_nowhere():
    [found] = errors({"seed": SEED}, {"p.other": "1"})
    assert found == FormError("“other” is not a parameter of this model.")


@pytest.mark.parametrize("name", ["system", "instructions"])
def test_a_page_from_before_system_prompts_had_a_place_says_where_they_went(name):
    [found] = errors({"seed": SEED}, {f"p.{name}": "Be brief."})
    assert found.text.startswith("The system prompt has moved above the first message.")


def test_a_sound_form_has_none():
    assert errors({"seed": SEED}, {"p.seed": "7"}) == []


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("p.seed", "seed"),
        ("p.=state", "state"),
        ("p.response_format.as-json_schema.json_schema.=a%2Eb", "response_format.json_schema.a.b"),
    ],
)
def test_a_path_is_as_people_write_it(name, path):
    assert path_of(name) == path
