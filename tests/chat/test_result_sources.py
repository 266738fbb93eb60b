"""Results of calls: from saved examples, from a form made of a schema, checked when they look like JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from chat.flows.save_example import save_example
from chat.forms.tool_results import ToolResultForm
from chat.models import Message, Tool

pytestmark = pytest.mark.django_db

WEATHER = {
    "type": "object",
    "properties": {"celsius": {"type": "integer"}, "sky": {"type": "string", "enum": ["clear", "grey"]}},
    "required": ["celsius"],
}


@pytest.fixture
def answer(conversation) -> Message:
    message: Message = conversation.head
    calls = [
        {"id": f"call_{place}", "name": name, "arguments": '{"q": 1}'}
        for place, name in enumerate(("look_up", "other"))
    ]
    message.data = {"tool_calls": calls}
    message.save()
    return message


@pytest.fixture
def tool(workspace) -> Tool:
    examples = [{"name": "sunny", "text": '{"c": "<b>"}'}]
    schema = json.dumps(WEATHER)
    return Tool.objects.create(workspace=workspace, name="look_up", examples=examples, result_schema=schema)


def fill_url(answer: Message) -> str:
    return reverse("chat:fill_result", args=[answer.code])


def test_the_library_offers_what_it_has_for_each_call(client_for, alice, answer, tool):
    html = client_for(alice).get(reverse("chat:result_sources", args=[answer.code])).content.decode()

    assert "sunny" in html
    assert "&lt;b&gt;" in html
    assert f"{fill_url(answer)}?place=1" in html
    assert f"sources-{answer.code}-2" not in html


def test_a_form_is_made_of_the_schema_and_writes_json(client_for, alice, answer, tool):
    client, url = client_for(alice), fill_url(answer)

    empty = client.get(url).content.decode()
    wrong = client.post(url, {"p.result.sky": "0"}).content.decode()
    filled = client.post(url, {"p.result.celsius": "20"}).content.decode()

    assert "celsius" in empty
    assert "data-filled" not in empty + wrong
    assert '"celsius": 20' in filled.replace("&quot;", '"')


EMPTY = [
    ({"type": "object"}, "{}"),
    ({"type": ["null", "array"]}, "[]"),
    ({"type": "array", "minItems": 1, "items": {}}, ""),
    ({"type": "integer"}, ""),
    (WEATHER, ""),
]


@pytest.mark.parametrize(("schema", "filled"), EMPTY)
def test_an_empty_form_is_a_result_only_if_the_schema_says_so(
    client_for, alice, answer, tool, schema, filled
):
    Tool.objects.update(result_schema=json.dumps(schema))
    html = client_for(alice).post(fill_url(answer), {}).content.decode()
    assert ("data-filled" in html) == bool(filled)
    assert filled in html
    assert ("has-errors" in html) != bool(filled)


def test_an_error_of_a_whole_group_is_read_with_the_group(client_for, alice, answer, tool):
    Tool.objects.update(result_schema=json.dumps({**WEATHER, "required": [], "minProperties": 2}))
    html = client_for(alice).post(fill_url(answer), {"p.result.celsius": "20"}).content.decode()
    assert 'aria-describedby="p-result--error"' in html
    # The typed value is still there.
    assert 'value="20"' in html


def test_a_call_without_a_schema_has_no_form(client_for, alice, answer, tool):
    for place in (0, 2, 3):
        assert client_for(alice).get(f"{fill_url(answer)}?place={place}").status_code == 404


@pytest.mark.parametrize(
    ("data", "is_valid"),
    [
        ({"text": "sunny"}, True),
        ({"text": '{"c": 1}'}, True),
        ({"text": '{"c": '}, False),
        ({"text": "[1,]"}, False),
        ({"text": '{"c": ', "is_text": "true"}, True),
        ({"text": "[Errno 2] No such file", "failed": "true"}, True),
        ({"text": '"a" text'}, True),
        ({"text": ""}, False),
    ],
)
def test_only_what_looks_like_json_has_to_be_json(data, is_valid):
    form = ToolResultForm(data)

    assert form.is_valid() == is_valid
    if not is_valid and data["text"]:
        assert "This is not JSON: line 1, column" in str(form.errors)


def test_a_result_is_saved_as_an_example(workspace, alice, tool):
    member = alice.memberships.get()

    assert save_example(member, "look_up", "rain", "wet", actor=alice)
    assert save_example(member, "look_up", "sunny", "new", actor=alice)
    assert not save_example(member, "unknown", "rain", "wet", actor=alice)

    tool.refresh_from_db()
    assert {each["name"]: each["text"] for each in tool.examples} == {"rain": "wet", "sunny": "new"}


def test_a_viewer_saves_no_example(workspace, vera, tool):
    assert not save_example(vera.memberships.get(), "look_up", "rain", "wet", actor=vera)


def test_the_tool_of_another_workspace_offers_nothing(client_for, alice, carol, answer):
    theirs: dict[str, Any] = {"workspace": carol.memberships.get().workspace, "result_schema": "{}"}
    Tool.objects.create(name="look_up", examples=[{"name": "secret", "text": "s"}], **theirs)

    html = client_for(alice).get(reverse("chat:result_sources", args=[answer.code])).content.decode()

    assert "secret" not in html
    assert client_for(alice).get(fill_url(answer)).status_code == 404
