"""A switch to another kind of endpoint: parameters in its shapes, and a word about them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from chat.flows.build_request import Choice, write_request
from chat.flows.select_model import select_model
from chat.flows.switch_model import switch_model
from chat.models import Conversation
from playground.catalogue.generic import generic_schema, kinds
from playground.catalogue.store_endpoints import store_endpoint
from playground.models import Endpoint, UpstreamModel
from playground.upstream.dialects.shared.transcript import Role, Text, Turn
from tests.official_shapes import errors_of, without_extensions

pytestmark = pytest.mark.django_db

CHAT, RESPONSES, MESSAGES = "chat/completions", "responses", "messages"
HTMX = {"HX-Request": "true"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
FUNCTION: dict[str, dict[str, Any]] = {
    CHAT: {"type": "function", "function": {"name": "f", "parameters": SCHEMA}},
    RESPONSES: {"type": "function", "name": "f", "parameters": SCHEMA, "strict": False},
    MESSAGES: {"name": "f", "input_schema": SCHEMA},
}
SEARCH = {"type": "web_search_preview"}


@pytest.fixture
def at(catalogue):
    """Return a function that finds the endpoint of a kind of a model that no document describes."""
    provider = UpstreamModel.objects.get(model_id="demo/plain").provider
    model = UpstreamModel.objects.create(provider=provider, model_id="plain/any", name="Any", position=1)
    for kind in kinds():
        store_endpoint(model, kind, generic_schema(kind), source="generic")

    def find(kind: str) -> Endpoint:
        return Endpoint.objects.select_related("model").get(model=model, kind=kind)

    return find


@pytest.fixture
def switched(conversation, at):
    """Choose parameters at the first endpoint, switch to the others in turn, return the conversation."""

    def switch(first: str, *others: str, **parameters: Any) -> Conversation:
        select_model(conversation, conversation.owner, at(first), parameters, set_aside={})
        for kind in others:
            switch_model(conversation, conversation.owner, at(kind))
        conversation.refresh_from_db()
        found: Conversation = conversation
        return found

    return switch


@pytest.fixture
def page_of(alice, client_for, conversation):
    def get():
        return client_for(alice).get(reverse("chat:conversation", args=[conversation.code]))

    return get


ALL = {
    "tools": [FUNCTION[CHAT]],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "max_tokens": 300,
    "temperature": 0.5,
    "reasoning_effort": "low",
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}},
    "stop": ["END"],
}


@pytest.mark.parametrize(
    ("kind", "expected", "left"),
    [
        (
            RESPONSES,
            {
                "tools": [FUNCTION[RESPONSES]],
                "tool_choice": {"type": "function", "name": "f"},
                "max_output_tokens": 300,
                "temperature": 0.5,
                "reasoning": {"effort": "low"},
                "text": {"format": {"type": "json_schema", "name": "a", "schema": SCHEMA}},
            },
            {"stop": ["END"]},
        ),
        (
            MESSAGES,
            {
                "tools": [FUNCTION[MESSAGES]],
                "tool_choice": {"type": "tool", "name": "f"},
                "max_tokens": 300,
                "temperature": 0.5,
                "stop_sequences": ["END"],
            },
            {name: ALL[name] for name in ("reasoning_effort", "response_format")},
        ),
    ],
)
def test_parameters_follow_to_another_endpoint_and_back(switched, at, workspace, kind, expected, left):
    conversation = switched(CHAT, kind, **ALL)
    assert conversation.parameters == expected
    assert conversation.set_aside["values"] == left

    prompt = (Turn(Role.USER, (Text("Hi"),)),)
    request = write_request(Choice(at(kind), conversation.parameters), workspace.pk, prompt)
    assert errors_of(kind, without_extensions(kind, request.body)) == []

    assert switched(CHAT, kind, CHAT, **ALL).parameters == ALL
    assert conversation.set_aside["values"] == {}


def test_the_page_says_what_was_adapted_and_what_was_left_out(switched, page_of):
    tools = [FUNCTION[RESPONSES], SEARCH]
    switched(RESPONSES, MESSAGES, tools=tools, max_output_tokens=300, text={"verbosity": "low"})
    page = page_of()
    notice = page.context["notice"]
    assert notice.changed == (("max_output_tokens", "max_tokens"), ("tools", "tools"))
    assert [(each.name, each.reason) for each in notice.left] == [
        ("text", "Not supported by this model."),
        ("tools", "The tool “web_search_preview” exists at responses only."),
    ]
    html = " ".join(page.content.decode().split())
    assert "2 values not carried over, 2 kept" in html
    assert "<code>max_output_tokens</code> is now <code>max_tokens</code>" in html
    assert "The tool “web_search_preview” exists at responses only." in html


def test_a_switch_that_only_adapts_says_so_until_it_is_dismissed(
    switched, page_of, alice, client_for, conversation
):
    switched(CHAT, RESPONSES, max_tokens=300)
    html = page_of().content.decode()
    assert "1 value adapted to this endpoint" in html
    url = reverse("chat:configure", args=[conversation.code])
    client_for(alice).post(url, {"dismiss": "1"}, headers=HTMX)
    assert page_of().context["notice"] is None


@pytest.mark.parametrize("between", [[MESSAGES], [CHAT], [MESSAGES, CHAT], [CHAT, MESSAGES]])
def test_a_tool_of_one_dialect_comes_back_with_it(switched, between):
    tools = [FUNCTION[RESPONSES], SEARCH]
    conversation = switched(RESPONSES, *between, tools=tools)
    assert conversation.parameters == {"tools": [FUNCTION[between[-1]]]}
    assert switched(RESPONSES, *between, RESPONSES, tools=tools).parameters == {"tools": tools}


def test_a_part_of_an_object_that_was_left_behind_comes_back_into_it(switched):
    given = {"reasoning": {"effort": "low", "summary": "auto"}}
    conversation = switched(RESPONSES, CHAT, **given)
    assert conversation.parameters == {"reasoning_effort": "low"}
    assert switched(RESPONSES, CHAT, RESPONSES, **given).parameters == given


def test_a_refused_value_is_told_under_its_new_name(switched, page_of):
    conversation = switched(CHAT, MESSAGES, temperature=1.5, tool_choice="auto")
    assert conversation.parameters == {"tool_choice": {"type": "auto"}}
    assert [(each.name, each.reason) for each in page_of().context["notice"].left] == [
        ("temperature", "Must be at most 1.")
    ]


def test_shapes_that_a_document_describes_at_another_endpoint_stay(switched, at):
    """Some documents for Claude describe OpenAI's tools at its own endpoint."""
    endpoint = at(MESSAGES)
    nested = {
        "type": "object",
        "properties": {"type": {"enum": ["function"]}, "function": {"type": "object"}},
        "required": ["type", "function"],
    }
    schema = generic_schema(MESSAGES)
    properties = {**schema["properties"], "tools": {"type": "array", "items": nested}}
    store_endpoint(endpoint.model, MESSAGES, {**schema, "properties": properties}, source="sync")
    conversation = switched(CHAT, MESSAGES, tools=[FUNCTION[CHAT]])
    assert conversation.parameters == {"tools": [FUNCTION[CHAT]]}
    assert conversation.set_aside["changed"] == []


def test_a_switch_of_an_earlier_version_is_still_told(conversation, at, page_of):
    select_model(conversation, conversation.owner, at(CHAT), {}, set_aside={})
    aside = {"values": {"top_k": 3}, "model": conversation.model_id, "kind": RESPONSES, "kept": 0, "back": []}
    Conversation.objects.filter(pk=conversation.pk).update(set_aside=aside)
    notice = page_of().context["notice"]
    assert [each.name for each in notice.left] == ["top_k"]
    assert notice.changed == ()
