"""The next request on a page: as it would be sent, or why it could not be sent."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from chat.models import Draft, Message, Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(client_for, alice):
    def show(url: str, **posted: object) -> str:
        data = {"idempotency_key": uuid.uuid4(), "text": "", **posted}
        response = client_for(alice).post(url, data, headers={"HX-Request": "true"})
        assert response.status_code == 200
        return str(response.content.decode())

    return show


@pytest.fixture
def url(conversation) -> str:
    return reverse("chat:preview", args=[conversation.code])


def test_it_shows_the_request_of_a_conversation(shown, url, endpoint):
    before = Run.objects.count(), Message.objects.count()
    html = shown(url, text="And <b>then</b>?", endpoint=endpoint.pk)
    for words in (
        "Say hello",
        "And &lt;b&gt;then&lt;/b&gt;?",
        "/v1/chat/completions",
        "Tokens in",
        "up to $",
    ):
        assert words in html
    assert "<b>then" not in html
    assert (Run.objects.count(), Message.objects.count()) == before


def test_it_shows_the_request_of_a_new_chat(shown, workspace, endpoint):
    html = shown(reverse("chat:preview_new", args=[workspace.slug]), text="Hi", endpoint=endpoint.pk)
    assert "Hi" in html
    assert "Say hello" not in html


def test_it_says_why_a_prompt_could_not_be_sent(shown, url, endpoint):
    assert "Write a prompt first." in shown(url, endpoint=endpoint.pk)
    Run.objects.update(status=Run.Status.RUNNING)
    assert "An answer is still being written" in shown(url, text="Hi", endpoint=endpoint.pk)


def test_an_answer_has_been_given_by_post_only(client_for, alice, url):
    assert client_for(alice).get(url).status_code == 405


def test_a_stranger_finds_nothing(client_for, carol, url):
    assert client_for(carol).post(url, {"text": "Hi"}).status_code == 404


def test_a_visitor_signs_in(client, url):
    assert client.post(url, {"text": "Hi"}).status_code == 302


def test_the_system_prompt_of_a_new_chat_is_the_one_on_the_page(shown, workspace, alice, endpoint):
    Draft.objects.create(workspace=workspace, user=alice, system_text="An old one")
    url = reverse("chat:preview_new", args=[workspace.slug])
    html = shown(url, text="Hi", endpoint=endpoint.pk, system_text="Not stored <yet>")
    assert "Not stored &lt;yet&gt;" in html
    assert "An old one" not in html
    assert "An old one" in shown(url, text="Hi", endpoint=endpoint.pk)
    # An emptied one is none.
    assert "An old one" not in shown(url, text="Hi", endpoint=endpoint.pk, system_text="")
    assert Draft.objects.get().system_text == "An old one"


def test_what_the_form_remarks_on_stands_there_too(shown, url, endpoint):
    both = {"p.temperature": "0.5", "p.top_p": "0.5"}
    remarks = ("top_p is set too.", 'data-show-parameter="p-temperature"')
    html = shown(url, text="Hi", endpoint=endpoint.pk, **both)
    assert all(each in html for each in (*remarks, "Tokens in"))
    # The reason of a refusal does not hide the remarks.
    html = shown(url, text="", endpoint=endpoint.pk, **both)
    assert all(each in html for each in (*remarks, "Write a prompt first."))
    assert "data-show-parameter" not in shown(url, text="Hi", endpoint=endpoint.pk)
