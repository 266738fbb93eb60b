"""The library of tools and output schemas: its list, and the page of an entry."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.urls import reverse

from chat.forms.library import NAME_RULE
from chat.models import OutputSchema, Tool
from tests.playground.untouched_page import posted_by

pytestmark = pytest.mark.django_db

WEATHER: dict[str, Any] = {
    "type": "object",
    "description": "first\nsecond",
    "properties": {
        "when": {"type": ["string", "null"], "format": "date", "description": "a\nb"},
        "place": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/point"}]},
        "days": {
            "type": "array",
            "items": {"type": "object", "properties": {"n": {"type": "integer", "enum": [1, 2]}}},
        },
        '<b>&"quoted"': {"type": "string", "enum": ["<i>", "b"]},
    },
    "required": ["place", "ghost"],
    "additionalProperties": False,
    "$defs": {"point": {"type": "number"}},
}


@pytest.fixture
def tool(workspace, alice) -> Tool:
    return Tool.objects.create(
        workspace=workspace,
        name="get_weather",
        description="Now",
        schema=json.dumps(WEATHER),
        created_by=alice,
    )


def address(entry: Tool | OutputSchema, name: str = "chat:entry") -> str:
    word = "tool" if isinstance(entry, Tool) else "schema"
    return reverse(name, args=[entry.workspace.slug, word, entry.code])


def posted(client, entry: Tool | OutputSchema) -> dict[str, Any]:
    return posted_by(client.get(address(entry)).content.decode())


def test_the_list_shows_tools_and_schemas(client_for, alice, tool, workspace):
    OutputSchema.objects.create(workspace=workspace, name="person", schema='{"properties": {"age": {}}}')

    html = client_for(alice).get(reverse("chat:tools", args=[workspace.slug])).content.decode()

    for text in ("get_weather", "when, place, days", "person", "age", "New tool", "New schema"):
        assert text in html


def test_the_list_is_searched_by_name_and_description(client_for, alice, tool, workspace):
    Tool.objects.create(workspace=workspace, name="other", description="Cooks", schema="{}")
    url = reverse("chat:tools", args=[workspace.slug])

    found = [
        client_for(alice).get(url, {"q": text}).content.decode() for text in ("WEATH", "cook", "nothing")
    ]

    assert ["get_weather" in html for html in found] == [True, False, False]
    assert "No tool has “nothing”" in found[2]
    # No database takes these.
    assert [client_for(alice).get(url, {"q": text}).status_code for text in ("a\0b", "x" * 60_000)] == [
        200,
        200,
    ]


def test_two_hundred_tools_cost_no_more_queries_than_one(
    client_for, alice, tool, workspace, django_assert_num_queries
):
    client, url = client_for(alice), reverse("chat:tools", args=[workspace.slug])
    client.get(url)
    Tool.objects.bulk_create(
        Tool(workspace=workspace, name=f"t{number}", schema="{}") for number in range(200)
    )

    with django_assert_num_queries(5):
        client.get(url)


def test_an_untouched_page_saves_the_same_schema(client_for, alice, tool):
    client = client_for(alice)

    response = client.post(address(tool), posted(client, tool))

    assert response.status_code == 302
    tool.refresh_from_db()
    assert json.loads(tool.schema) == WEATHER
    assert list(json.loads(tool.schema)["properties"]) == list(WEATHER["properties"])
    assert (tool.name, tool.description, tool.version) == ("get_weather", "Now", 2)


def test_a_changed_row_is_saved_without_scripts(client_for, alice, tool):
    client = client_for(alice)
    data = posted(client, tool)

    client.post(address(tool), {**data, "r.0.name": "day", "r.2.i.0.required": "on"})

    tool.refresh_from_db()
    schema = json.loads(tool.schema)
    assert next(iter(schema["properties"])) == "day"
    assert schema["properties"]["days"]["items"]["required"] == ["n"]
    assert schema["properties"]["place"] == WEATHER["properties"]["place"]
    assert schema["$defs"] == WEATHER["$defs"]


def test_a_button_of_a_row_works_without_scripts_and_saves_nothing(client_for, alice, tool):
    client = client_for(alice)

    html = client.post(address(tool), {**posted(client, tool), "act": "remove:r.0"}).content.decode()

    assert list(json.loads(posted_by(html)["schema"][0])["properties"]) == list(WEATHER["properties"])[1:]
    tool.refresh_from_db()
    assert tool.version == 1


def new_tool(**changes: Any) -> dict[str, Any]:
    return {
        "name": "fetch_page",
        "description": "",
        "schema": '{"type": "object", "properties": {}}',
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Enter a name."),
        ({"name": "get weather"}, NAME_RULE),
        ({"name": "a" * 65}, NAME_RULE),
        ({"name": "größe"}, NAME_RULE),
        ({"name": "get_weather"}, "already has a tool called “get_weather”"),
        ({"schema": '{"type": "object"'}, "Not valid JSON: line 1, column 18."),
        ({"schema": '{"type": "objet"}'}, "not a JSON schema: see type"),
        ({"schema": '"text"'}, "Must be a JSON object"),
        ({"result_schema": "[1]"}, "Must be a JSON object"),
        ({"example_name": ["a", "a"], "example_text": ["1", "2"]}, "Two examples have the same name"),
        ({"example_name": ["a"], "example_text": [""]}, "Every example needs a result"),
        ({"example_name": [""], "example_text": ["x"]}, "Every example needs a name"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_lost(
    client_for, alice, tool, workspace, changes, said
):
    url = reverse("chat:new_entry", args=[workspace.slug, "tool"])
    data = new_tool(description="Kept", **changes)

    response = client_for(alice).post(url, data)

    html = response.content.decode()
    assert response.status_code == 422
    assert said in html.replace("&#x27;", "'")
    assert "Kept" in html
    assert posted_by(html)["schema"] == [data["schema"]]
    assert Tool.objects.count() == 1


def test_a_tool_is_stored_with_its_results(client_for, alice, workspace):
    url = reverse("chat:new_entry", args=[workspace.slug, "tool"])
    examples = {"example_name": ["sunny", ""], "example_text": ['{"c": 20}', ""]}

    response = client_for(alice).post(
        url, new_tool(is_strict="on", result_schema='{"type": "object"}', **examples)
    )

    tool = Tool.objects.get()
    assert response.url == address(tool)
    assert (tool.name, tool.is_strict, tool.created_by) == ("fetch_page", True, alice)
    assert tool.examples == [{"name": "sunny", "text": '{"c": 20}'}]


def test_an_output_schema_is_stored(client_for, alice, workspace):
    url = reverse("chat:new_entry", args=[workspace.slug, "schema"])

    client_for(alice).post(url, new_tool(name="person"))

    assert OutputSchema.objects.get().name == "person"


def test_the_same_name_is_free_in_another_workspace(client_for, carol, tool):
    other = carol.memberships.get().workspace

    client_for(carol).post(reverse("chat:new_entry", args=[other.slug, "tool"]), new_tool(name="get_weather"))

    assert Tool.objects.filter(name="get_weather").count() == 2


def test_of_two_people_who_edit_at_once_the_second_one_is_told(client_for, alice, bob, tool):
    first, second = client_for(alice), client_for(bob)
    hers, his = posted(first, tool), posted(second, tool)
    first.post(address(tool), {**hers, "description": "Hers"})

    response = second.post(address(tool), {**his, "description": "His"})

    assert response.status_code == 422
    assert "Somebody else changed" in response.content.decode()
    assert "His" in response.content.decode()
    tool.refresh_from_db()
    assert tool.description == "Hers"


def test_a_viewer_reads_and_changes_nothing(client_for, vera, tool):
    client = client_for(vera)

    page = client.get(address(tool)).content.decode()

    assert "get_weather" in page
    assert ">Save<" not in page
    assert client.post(address(tool), posted_by(page)).status_code == 403
    assert client.post(address(tool, "chat:delete_entry")).status_code == 403


def test_a_stranger_finds_nothing(client_for, carol, tool):
    client = client_for(carol)
    own = carol.memberships.get().workspace

    for slug in (tool.workspace.slug, own.slug):
        url = reverse("chat:entry", args=[slug, "tool", tool.code])
        assert client.get(url).status_code == 404
        assert client.post(url, new_tool()).status_code == 404


def test_an_address_of_another_kind_finds_nothing(client_for, alice, tool):
    slug, client = tool.workspace.slug, client_for(alice)

    assert client.get(reverse("chat:entry", args=[slug, "schema", tool.code])).status_code == 404
    assert client.get(reverse("chat:entry", args=[slug, "tool", uuid.uuid4()])).status_code == 404


def test_a_deleted_tool_is_gone(client_for, bob, tool, workspace):
    response = client_for(bob).post(address(tool, "chat:delete_entry"))

    assert response.url == reverse("chat:tools", args=[workspace.slug])
    assert not Tool.objects.exists()


def test_rows_and_json_are_arranged(client_for, alice, tool):
    client = client_for(alice)
    url = reverse("chat:arrange_schema", args=[tool.workspace.slug])
    data = posted(client, tool)

    by_row = client.post(url, {**data, "side": "rows", "r.0.name": "day"}).content.decode()
    by_json = client.post(
        url, {**data, "side": "json", "schema": '{"type": "object", "properties": {"x": {}}}'}
    )
    wrong = client.post(url, {**data, "side": "json", "schema": "{"}).content.decode()

    assert '"day"' in by_row.replace("&quot;", '"')
    assert "schema-list" not in by_row
    assert 'value="x"' in by_json.content.decode()
    assert "line 1, column 2" in wrong
    assert "schema-list" not in wrong
