"""The menu "More" of a message."""

from __future__ import annotations

import pytest
from django.urls import reverse

from chat.models import Access, Conversation, OutputSchema, Run, Tool

pytestmark = pytest.mark.django_db


def menu_of(client, message):
    response = client.get(reverse("chat:message_menu", args=[message.code]))
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def prompt(conversation):
    return conversation.messages.get(role="user")


@pytest.fixture
def answer(conversation):
    return conversation.messages.get(role="assistant")


def test_every_message_has_a_button_and_the_page_has_one_menu(conversation, alice, client_for):
    html = client_for(alice).get(reverse("chat:conversation", args=[conversation.code])).content.decode()
    assert html.count("data-message-menu") == 2
    assert html.count('id="message-menu"') == 1
    assert reverse("chat:message_menu", args=["00000000-0000-0000-0000-000000000000"]) in html


def test_a_writer_may_edit_and_a_reader_may_look(conversation, prompt, answer, alice, bob, client_for):
    conversation.workspace_access = Access.READ
    conversation.save()
    assert "data-edit" in menu_of(client_for(alice), prompt)
    reader = client_for(bob)
    assert "data-edit" not in menu_of(reader, prompt)
    assert reverse("chat:exchanges", args=[answer.run.code]) in menu_of(reader, answer)


def test_the_menu_is_for_reading_by_those_who_may(prompt, alice, carol, client, client_for):
    url = reverse("chat:message_menu", args=[prompt.code])
    assert client_for(alice).post(url).status_code == 405
    assert client_for(carol).get(url).status_code == 404
    assert client.get(url).status_code == 302


SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOLS = [{"type": "function", "name": name, "parameters": SCHEMA} for name in ("look_up", "search")]
TEXT = {"format": {"type": "json_schema", "name": "person", "schema": SCHEMA}}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, ""),
        ({"tools": [{"type": "web_search"}], "text": {"format": {"type": "text"}}}, ""),
        ({"tools": TOOLS[:1]}, "Save tool to library"),
        ({"tools": TOOLS, "text": TEXT}, "Save tools and schema to library"),
        ({"tools": "nonsense", "functions": [None, 7], "text": TEXT}, "Save schema to library"),
    ],
)
def test_what_a_request_was_sent_with_can_be_saved(body, words, answer, alice, client_for):
    Run.objects.update(body=body)
    menu = menu_of(client_for(alice), answer)
    assert ("to library" in menu) == bool(words)
    assert words in menu


def test_saving_says_what_was_made_of_each(answer, workspace, alice, bob, vera, client_for):
    custom = {"type": "custom", "name": "free"}
    Run.objects.update(body={"tools": [*TOOLS, custom], "text": TEXT})
    Tool.objects.create(workspace=workspace, name="search", schema="{}")
    url = reverse("chat:keep_definitions", args=[answer.run.code])

    said = client_for(alice).post(url).content.decode()
    assert "Imported: look_up, search_2, person." in said
    assert "Saved under another name, since theirs was taken: search as search_2." in said
    assert "Tool 3 is a custom tool" in said
    assert OutputSchema.objects.get().created_by == alice

    # A second click makes no copies of what is the same.
    said = client_for(alice).post(url).content.decode()
    assert "Nothing new was imported. Already there: look_up, search_2, person." in said
    assert Tool.objects.count() == 3

    # A reader may save them; a viewer of the workspace may not change its library.
    Conversation.objects.update(workspace_access=Access.READ)
    assert client_for(bob).post(url).status_code == 200
    assert client_for(vera).post(url).status_code == 403
    assert "to library" not in menu_of(client_for(vera), answer)
