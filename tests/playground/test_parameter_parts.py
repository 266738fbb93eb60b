"""Parts of a form that the page fetches when needed, and the feedback on a change."""

from __future__ import annotations

import re

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.timezone import now

from playground.catalogue.load_bundled import load_bundled
from playground.models import Endpoint, RefusedParameter
from playground.parameters.form.control_html import INLINE_SIZE
from playground.parameters.form.feedback import feedback_on
from playground.parameters.form.parameter_form import ParameterForm, parameter_form
from playground.parameters.form.parts import part_html
from playground.parameters.known.warnings import refusal_warnings
from playground.parameters.schema.request_schema import read_request_schema

LARGE = {
    "type": "object",
    "properties": {f"part_{number}": {"type": "string"} for number in range(INLINE_SIZE + 1)},
}
SMALL = {"type": "object", "properties": {"name": {"type": "string"}}}
REQUEST_SCHEMA = read_request_schema(
    {
        "properties": {
            "large": {"type": "array", "items": LARGE},
            "small": {"type": "array", "items": SMALL},
            "either": {"anyOf": [LARGE, {"type": "string"}]},
            "forms": {"type": "array", "items": {"anyOf": [SMALL, {"type": "string"}]}},
            "map": {"type": "object", "additionalProperties": {"anyOf": [SMALL, {"type": "string"}]}},
            "seed": {"type": "integer", "minimum": 1},
            "a.b": {"type": "array", "items": LARGE},
        }
    }
)


def page(form: ParameterForm) -> str:
    return "".join(field.html for group in form.groups for field in group.fields)


def test_the_page_has_only_small_patterns():
    html = page(ParameterForm(REQUEST_SCHEMA))
    assert html.count("<template>") == 3
    assert "part_1" not in html
    assert 'data-part="p.either.as-object"' in html


def test_a_large_row_is_fetched_under_its_name():
    html = str(part_html(REQUEST_SCHEMA.specs, "p.large.3"))
    assert 'data-row="3"' in html
    assert 'name="p.large.3.part_1"' in html
    assert "Remove entry 4" in html


def test_a_large_alternative_is_fetched_under_its_name():
    assert 'name="p.either.as-object.part_1"' in str(part_html(REQUEST_SCHEMA.specs, "p.either.as-object"))


def test_a_new_entry_of_a_list_has_the_first_of_its_forms():
    html = page(ParameterForm(REQUEST_SCHEMA))
    pattern = html[html.index('data-row="__0__"') :]
    assert re.search(r'name="p\.forms\.__0__"\s+value="object"\s+checked', pattern)
    assert 'name="p.forms.__0__" value=""' not in html


def test_an_alternative_in_a_map_is_found_beside_the_key():
    assert 'name="p.map.3.value.as-object.name"' in str(
        part_html(REQUEST_SCHEMA.specs, "p.map.3.value.as-object")
    )


def test_a_name_with_a_dot_in_it_is_found():
    assert 'name="p.=a%2Eb.0.part_1"' in str(part_html(REQUEST_SCHEMA.specs, "p.=a%2Eb.0"))


NO_PARTS = (
    "p.map.0", "p.map.0.value", "p.map.0.as-object",
    "", "p.", "p", "q.large.0", "p.large", "p.large.x", "p.large.1234567", "p.large.0.part_1", "p.seed.0",
    "p.none.0", "p.either.as-none", "p.either.object", "p." + "large." * 1000 + "0", "p.large.²",
)  # fmt: skip


@pytest.mark.parametrize("name", NO_PARTS)
def test_what_is_no_part_is_not_found(name):
    assert part_html(REQUEST_SCHEMA.specs, name) is None


def test_what_is_filled_in_is_in_the_page_however_large():
    value = {"large": [{"part_1": "x"}], "either": {"part_2": "y"}}
    html = page(ParameterForm(REQUEST_SCHEMA, initial=value))
    assert 'name="p.large.0.part_1"' in html
    assert 'name="p.either.as-object.part_2"' in html


def feedback(posted: str) -> str:
    data = QueryDict(posted)
    form = ParameterForm(REQUEST_SCHEMA, data)
    return render_to_string(
        "playground/_parameter_feedback.html", {"form": form, "feedback": feedback_on(form, data)}
    )


def test_a_report_says_what_is_wrong_and_repeats_no_control():
    html = feedback("p.seed=0")
    assert re.search(r'id="p-seed--error">Must be at least 1\.<', html)
    assert "<input" not in html


def test_a_report_has_the_json_of_what_can_be_written_so():
    html = feedback("p.small.0.item=1&p.small.0.name=x")
    assert re.search(r'<textarea id="p-small--json">\s*\[\s*{\s*&quot;name&quot;: &quot;x&quot;', html)


def test_a_report_fills_in_the_controls_of_what_came_back_from_json():
    html = feedback("p.small.state=from-json&p.small.json=%5B%7B%22name%22%3A%22x%22%7D%5D")
    assert 'name="p.small.0.name"' in html


@pytest.fixture
def endpoint(db) -> Endpoint:
    load_bundled()
    return Endpoint.objects.select_related("model").get(model__model_id="demo/plain")


def test_a_refusal_is_told_at_its_field_whether_it_is_sent_or_not(endpoint, workspace):
    RefusedParameter.objects.create(
        workspace=workspace, endpoint=endpoint, name="temperature", message="Unsupported <b>here</b>"
    )
    form = parameter_form(endpoint)
    form.refusals = refusal_warnings(workspace, endpoint)
    day = f"{now().day} {now():%B}"
    assert f"The provider refused this on {day}: “Unsupported &lt;b&gt;here&lt;/b&gt;”" in page(form)
    data = QueryDict("p.temperature=")
    bound = parameter_form(endpoint, data)
    bound.refusals = form.refusals
    assert [message.id for message in feedback_on(bound, data).messages] == ["p-temperature--warning"]


@pytest.mark.parametrize(
    ("schema", "warning"),
    [
        ({"type": "object"}, []),
        ({"type": "objekt"}, ["Not a JSON schema: see type."]),
        ({"properties": {"a": {"required": "b"}}}, ["Not a JSON schema: see properties.a.required."]),
        ({"$schema": "https://example.org/other", "type": "objekt"}, []),
    ],
)
def test_a_tools_schema_that_is_none_is_told_and_still_sent(schema, warning):
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    request_schema = read_request_schema(
        {"properties": {"tools": {"type": "array", "items": {"type": "object"}}}}
    )
    form = ParameterForm(request_schema, initial={"tools": [tool]})
    assert form.warnings.get("tools", []) == warning
    assert form.parameters == {"tools": [tool]}


def test_a_deprecated_parameter_is_marked():
    form = ParameterForm(read_request_schema({"properties": {"old": {"type": "string", "deprecated": True}}}))
    assert '<span class="parameter-mark">deprecated</span>' in page(form)
