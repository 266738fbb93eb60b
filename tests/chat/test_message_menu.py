"""The menu "More" of a message."""

from __future__ import annotations

import pytest
from django.urls import reverse

from chat.models import Access

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
