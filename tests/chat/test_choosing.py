"""Tools and schemas of the library in the parameters of a chat."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from chat.exceptions import EntryRefused
from chat.flows.select_model import select_model
from chat.flows.take_from_library import take_choice, take_schema, take_tools, tools_in
from chat.models import OutputSchema, Tool
from chat.pages.composer import draft_of
from playground.models import Endpoint

pytestmark = pytest.mark.django_db

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@pytest.fixture
def tool(workspace) -> Tool:
    return Tool.objects.create(workspace=workspace, name="look_up", description="d", schema=json.dumps(CITY))


@pytest.fixture
def person(workspace) -> OutputSchema:
    return OutputSchema.objects.create(
        workspace=workspace, name="person", schema=json.dumps(CITY), is_strict=True
    )


def endpoint_of(model: str, kind: str = "chat/completions") -> Endpoint:
    return Endpoint.objects.select_related("model__provider").get(model__model_id=f"demo/{model}", kind=kind)


CHAT = {"type": "function", "function": {"name": "look_up", "description": "d", "parameters": CITY}}
RESPONSES = {"type": "function", "name": "look_up", "description": "d", "parameters": CITY, "strict": False}
MESSAGES = {"name": "look_up", "description": "d", "input_schema": CITY}


@pytest.mark.parametrize(
    ("kind", "written", "choice"),
    [
        ("chat/completions", CHAT, {"type": "function", "function": {"name": "look_up"}}),
        ("responses", RESPONSES, {"type": "function", "name": "look_up"}),
        ("messages", MESSAGES, {"type": "tool", "name": "look_up"}),
    ],
)
def test_a_tool_is_copied_in_the_shape_of_each_endpoint(catalogue, tool, kind, written, choice):
    endpoint = endpoint_of("polyglot", kind)

    parameters = take_tools(endpoint, "tools", {"seed": 1}, [tool])

    assert parameters == {"seed": 1, "tools": [written]}
    assert take_choice(endpoint, "tool_choice", parameters, "look_up")["tool_choice"] == choice


def test_other_tools_stay_and_unticked_ones_go(catalogue, tool):
    other = {"type": "function", "function": {"name": "other"}}
    gone = {"type": "function", "function": {"name": "gone"}}
    old = {"type": "function", "function": {"name": "look_up"}}

    found = take_tools(endpoint_of("tools"), "tools", {"tools": [other, old, gone]}, [tool], ["gone"])

    assert found == {"tools": [other, CHAT]}
    assert tools_in(found["tools"]) == ["other", "look_up"]
    assert take_tools(endpoint_of("tools"), "tools", {"tools": [gone]}, [], ["gone"]) == {}


def test_a_schema_is_copied_into_the_format_of_the_answer(catalogue, person):
    found = take_schema(endpoint_of("markdown"), "response_format", {}, person)

    inner = {"name": "person", "schema": CITY, "strict": True}
    assert found == {"response_format": {"type": "json_schema", "json_schema": inner}}


def test_a_model_without_the_parameter_refuses(catalogue, tool):
    with pytest.raises(EntryRefused, match="no parameter"):
        take_tools(endpoint_of("plain"), "tools", {}, [tool])


@pytest.fixture
def chat(catalogue, alice, client_for, workspace):
    """Post to the configuration of Alice's next chat with Demo Tools."""
    endpoint = endpoint_of("tools")
    select_model(draft_of(alice.memberships.get()), alice, endpoint, {})
    client, url = client_for(alice), reverse("chat:configure_new", args=[workspace.slug])

    def post(action: str, name: str = "tools", kind: str = "tool", **data: Any):
        posted = {"library": action, "parameter": name, "kind": kind, "endpoint": endpoint.pk, **data}
        return client.post(url, posted)

    return post


def as_json(value: Any) -> dict[str, str]:
    return {"p.tools.state": "json", "p.tools.json": json.dumps(value)}


def stored(user) -> dict[str, Any]:
    parameters: dict[str, Any] = draft_of(user.memberships.get()).parameters
    return parameters


def test_the_dialog_lists_the_library_and_ticks_what_is_there(chat, tool, workspace):
    Tool.objects.create(workspace=workspace, name="other", schema="{}")

    html = chat("show", **as_json([CHAT])).content.decode()

    assert html.count("checked") == 1
    assert html.index("checked") < html.index("other")


def test_what_was_ticked_is_stored_and_the_form_is_renewed(chat, tool, alice):
    html = chat("take", entry=[str(tool.code)], shown=[str(tool.code)]).content.decode()

    assert stored(alice) == {"tools": [CHAT]}
    assert 'id="parameters"' in html
    assert "<option>look_up</option>" in html


def test_a_tool_that_was_changed_in_the_chat_keeps_its_copy(chat, tool, alice):
    changed = {"type": "function", "function": {"name": "look_up", "description": "mine"}}

    chat("take", entry=[str(tool.code)], shown=[str(tool.code)], **as_json([changed]))

    assert stored(alice) == {"tools": [changed]}


def test_an_unticked_tool_is_removed(chat, tool, alice):
    chat("take", shown=[str(tool.code)], **as_json([CHAT]))

    assert stored(alice) == {}


def test_one_tool_is_demanded(chat, alice):
    chat("choice", name="tool_choice", kind="", tool="look_up", **as_json([CHAT]))

    assert stored(alice)["tool_choice"] == {"type": "function", "function": {"name": "look_up"}}


def test_the_tools_of_a_chat_are_saved_in_the_library(chat, workspace):
    html = chat("keep", **as_json([CHAT])).content.decode()

    assert "Imported: look_up." in html
    assert Tool.objects.get(workspace=workspace).schema_value == CITY
    assert "nothing to save" in chat("keep").content.decode()


def test_entries_of_another_workspace_are_not_taken(chat, carol, alice):
    other = carol.memberships.get().workspace
    theirs = Tool.objects.create(workspace=other, name="secret", schema="{}")

    chat("take", entry=[str(theirs.code)], shown=[str(theirs.code)])

    assert stored(alice) == {}
    assert "secret" not in chat("show").content.decode()


@pytest.mark.parametrize("change", [{"name": "nowhere"}, {"kind": "nowhere"}])
def test_an_unknown_place_is_not_found(chat, change):
    assert chat("show", **change).status_code == 404
