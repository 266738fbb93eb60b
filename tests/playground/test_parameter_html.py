from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string

from playground.catalogue.load_bundled import load_bundled
from playground.models import Endpoint
from playground.parameters.form.parameter_form import ParameterForm, parameter_form
from playground.parameters.schema.request_schema import read_request_schema
from tests.playground.untouched_page import posted_by

CHOSEN = {
    "temperature": 0.3,
    "stop": ["END", "\n\n"],
    "frequency_penalty": None,
    "reasoning_effort": "high",
    "logit_bias": {"50256": -100},
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "strict": None}},
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
}


@pytest.fixture
def endpoint(db) -> Endpoint:
    load_bundled()
    return Endpoint.objects.select_related("model").get(model__model_id="alibaba/qwen3.6-35b-a3b")


def render(endpoint: Endpoint, form: ParameterForm, *, can_edit: bool = True) -> str:
    context = {"form": form, "endpoint": endpoint, "configure_url": "/configure/", "can_edit": can_edit}
    return render_to_string("playground/_parameter_form.html", context)


def rows_that_are_sent(html: str) -> set[str]:
    return set(re.findall(r'class="parameter\s+is-sent[^"]*"\s+id="[^"]*"\s+data-parameter="([^"]+)"', html))


def test_it_marks_what_will_be_sent(endpoint):
    html = render(endpoint, parameter_form(endpoint, initial=CHOSEN))
    assert rows_that_are_sent(html) == set(CHOSEN)
    assert "<span data-changed>7</span> changed" in html


def test_it_marks_nothing_in_a_fresh_form(endpoint):
    html = render(endpoint, parameter_form(endpoint))
    assert rows_that_are_sent(html) == set()
    assert "<span data-changed>0</span> changed" in html
    assert html.count('placeholder="not sent"') > 5


def test_sending_the_page_as_it_is_changes_nothing(endpoint):
    html = render(endpoint, parameter_form(endpoint, initial=CHOSEN))
    assert parameter_form(endpoint, posted_by(html)).parameters == CHOSEN


def test_it_shows_a_bad_value_as_it_was_written_with_the_reason(endpoint):
    form = parameter_form(endpoint, {"p.seed": "0", "p.nonsense": "<b>"})
    html = render(endpoint, form)
    assert 'name="p.seed" value="0"' in html
    assert re.search(r'id="p-seed--error"[^>]*>Must be at least 1\.<', html)
    assert re.search(r'name="p\.seed"[^>]*aria-invalid="true"', html)
    assert "“nonsense” is not a parameter of this model." in html


def test_every_control_can_be_sent_and_has_an_accessible_name(endpoint):
    html = render(endpoint, parameter_form(endpoint, initial=CHOSEN))
    controls = re.findall(r"<(?:input|select|textarea)\b[^>]*>", html)
    for control in controls:
        # htmx sends all controls inside the form. The attribute would bind them to another one.
        assert " form=" not in control
        if (
            'type="hidden"' not in control
            and 'type="radio"' not in control
            and 'type="checkbox"' not in control
        ):
            assert "aria-label=" in control or re.search(r' id="([^"]+)"', control), control
    labels = set(re.findall(r'<label[^>]* for="([^"]+)"', html))
    assert labels <= set(re.findall(r' id="([^"]+)"', html))


def test_ids_are_unique_and_references_lead_somewhere(endpoint):
    html = render(endpoint, parameter_form(endpoint, initial=CHOSEN))
    shown = re.sub(r"<template>.*?</template>", "", html, flags=re.DOTALL)
    ids = re.findall(r'\bid="([^"]+)"', shown)
    assert len(ids) == len(set(ids))
    referred = " ".join(re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', shown)).split()
    assert set(referred) - set(ids) == set()


def test_those_who_may_only_read_cannot_turn_anything(endpoint):
    html = render(endpoint, parameter_form(endpoint, initial=CHOSEN), can_edit=False)
    assert re.search(r'<fieldset class="parameters"[^>]* disabled', html)


def test_it_escapes_whatever_a_schema_brings():
    evil = '<script>alert("x")</script>'
    schema = {"properties": {evil: {"enum": [evil, "b"], "default": evil}, "y": {"type": "string"}}}
    form = ParameterForm(read_request_schema(schema), initial={"y": evil})
    html = "".join(field.html for group in form.groups for field in group.fields)
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") > 2


def test_rare_groups_of_a_long_form_are_folded_until_something_in_them_is_sent():
    names = [f"vendor_{number}" for number in range(30)]
    request_schema = read_request_schema({"properties": {name: {"type": "string"} for name in names}})
    assert [group.is_open for group in ParameterForm(request_schema).groups] == [False]
    assert [group.is_open for group in ParameterForm(request_schema, initial={names[3]: "x"}).groups] == [
        True
    ]


def test_it_shows_no_sentence_of_the_document():
    schema = {"properties": {"brand_new": {"type": "string", "description": "Somebody else's words."}}}
    form = ParameterForm(read_request_schema(schema))
    assert "Somebody" not in "".join(field.html for group in form.groups for field in group.fields)


def test_a_length_that_a_schema_insists_on_is_not_called_unsent():
    limit = {"type": "integer", "minimum": 1, "maximum": 64_000}
    schema = {
        "type": "object",
        "properties": {"max_tokens": limit, "n": {"type": "integer"}},
        "required": ["max_tokens", "n"],
    }
    form = ParameterForm(read_request_schema(schema))
    html = "".join(field.html for group in form.groups for field in group.fields)
    shown = dict(re.findall(r'name="p\.(\w+)"[^>]*placeholder="([^"]+)"', html))
    assert shown == {"max_tokens": "a usual length", "n": "not sent"}
