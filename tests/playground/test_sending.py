"""The rules of schemas for streams, and the controls and the body that follow from them."""

from __future__ import annotations

from typing import Any

import pytest

from playground.parameters.form.body import build_body
from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.schema.request_schema import read_request_schema
from playground.parameters.schema.sending import Sending

USAGE = {"stream_options": {"type": "object"}}
WHOLE, SILENT = Sending(is_streamed=False), Sending(reports_usage=False)
ASKED = {"stream": True, "stream_options": {"include_usage": True}}


def schema_with(properties: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"model": {}, "messages": {}, **properties}, **rest}


@pytest.mark.parametrize(
    ("schema", "sending", "expected"),
    [
        (schema_with({"stream": {"type": "boolean"}, **USAGE}), Sending(), ASKED),
        (schema_with({"stream": {"type": "boolean"}, **USAGE}), SILENT, {"stream": True}),
        (schema_with({"stream": {"type": "boolean"}, **USAGE}), WHOLE, {"stream": False}),
        (
            schema_with({"stream": {"anyOf": [{"type": "boolean"}, {"type": "null"}]}}),
            WHOLE,
            {"stream": False},
        ),
        # A schema that does not mention it may still allow it; off is then the server's default.
        (schema_with({}), Sending(), {"stream": True}),
        (schema_with({}), WHOLE, {}),
        (schema_with({}, additionalProperties=False), Sending(), {}),
        (schema_with({"stream": {"const": False}, **USAGE}), Sending(), {"stream": False}),
        (schema_with({"stream": {"enum": [False]}}), WHOLE, {"stream": False}),
        (schema_with({"stream": {"const": True}}), WHOLE, {}),
        (schema_with({"stream": {"const": True}}, required=["stream"]), WHOLE, {"stream": True}),
        (
            schema_with({"stream": {"$ref": "#/$defs/no"}}, **{"$defs": {"no": {"const": False}}}),
            Sending(),
            {"stream": False},
        ),
    ],
)
def test_the_body_has_what_the_choice_and_the_schema_allow(schema, sending, expected):
    assert build_body(schema, "m", {"messages": []}, {}, sending=sending) == {
        "model": "m",
        "messages": [],
        **expected,
    }


@pytest.mark.parametrize(
    ("schema", "labels", "fixed"),
    [
        (
            schema_with({"stream": {"type": "boolean"}, **USAGE}),
            ["Stream the answer", "Ask for usage figures"],
            "",
        ),
        (schema_with({"stream": {"type": "boolean"}}), ["Stream the answer"], ""),
        (schema_with({"stream": {"const": False}, **USAGE}), ["Stream the answer"], "always come whole"),
        (
            schema_with({"stream": {"const": True}}, required=["stream"]),
            ["Stream the answer"],
            "always streams",
        ),
    ],
)
def test_the_form_offers_the_choices_that_the_schema_leaves(schema, labels, fixed):
    form = ParameterForm(read_request_schema(schema))
    rows = form.sending.rows
    assert [row.label for row in rows] == labels
    assert fixed in rows[0].fixed
    assert ('type="radio"' in rows[0].html) is not bool(fixed)
    assert form.count == 1 + len(labels)


def test_a_choice_besides_the_default_counts_as_changed():
    schema = read_request_schema(schema_with({"stream": {"type": "boolean"}, **USAGE}))
    posted = ParameterForm(schema, {"sent.stream": "off", "sent.usage": ""})
    assert (posted.is_valid(), posted.sending.chosen, posted.changed_count) == (True, WHOLE, 1)
    before = ParameterForm(schema, None, {}, SILENT)
    assert (before.sending.chosen, before.changed_count) == (SILENT, 1)
    assert before.all_groups[-1].changed_count == 1
    # A page without the controls, such as one from before an update, sends as ever.
    assert ParameterForm(schema, {}).sending.chosen == Sending()
