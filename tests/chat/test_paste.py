"""A pasted request, explained and opened in a new chat."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from accounts.models import Role
from chat.models import Conversation, Draft, Message, Run, SystemPrompt
from chat.pages.pasting import understood
from playground.code.reading.paste import PasteRefused
from playground.code.writing import WRITERS
from playground.models import Endpoint
from tests.playground.code_corpus import corpus

pytestmark = pytest.mark.django_db

SECRET = "sk-secret-0123456789"
CURL = f"""curl https://api.openai.com/v1/chat/completions -H "Authorization: Bearer {SECRET}" -d '{{
  "model": "demo/plain",
  "messages": [
    {{"role": "system", "content": "Be brief."}},
    {{"role": "user", "content": "One"}},
    {{"role": "assistant", "content": "1"}},
    {{"role": "user", "content": "It is <b>two</b>"}}
  ],
  "temperature": 0.5, "top_k_of_mine": 40, "top_p": 7, "stream": false
}}'"""


@pytest.fixture
def post(workspace, alice, client_for):
    client = client_for(alice)

    def post(text: str, name: str = "paste"):
        return client.post(reverse(f"chat:{name}", args=[workspace.slug]), {"paste": text})

    return post


def test_it_says_what_it_understood_and_stores_nothing(post, endpoint):
    response = post(CURL)
    page = " ".join(response.content.decode().split())
    assert response.status_code == 200
    assert (
        "This is a curl command for Chat Completions, with 2 earlier messages (1 from you, 1 from the model)"
        in page
    )
    assert "Be brief." in page
    assert "It is &lt;b&gt;two&lt;/b&gt;" in page
    assert '<code>temperature</code> <span dir="auto">0.5</span>' in page
    assert "They are sent as they are" in page
    assert "top_k_of_mine" in page
    assert "top_p: 7." in page
    assert "The key in your paste was not stored." in page
    assert SECRET not in page
    assert not Conversation.objects.exists()
    assert not Draft.objects.exists()


def test_it_opens_a_conversation_with_the_earlier_messages_and_sends_nothing(post, endpoint, alice):
    response = post(CURL, "open_paste")
    conversation = Conversation.objects.get()
    assert response["HX-Redirect"] == reverse("chat:conversation", args=[conversation.code])
    assert conversation.owner == alice
    assert conversation.system_text == "Be brief."
    assert conversation.prompt_text == "It is <b>two</b>"
    assert conversation.parameters == {"temperature": 0.5, "top_k_of_mine": 40}
    assert [(each.role, each.text) for each in Message.objects.all()] == [("user", "One"), ("assistant", "1")]
    assert (conversation.is_streamed, conversation.reports_usage) == (False, True)
    assert not Run.objects.exists()
    kept = repr([*Conversation.objects.values(), *Message.objects.values(), *SystemPrompt.objects.values()])
    assert SECRET not in kept


def test_a_single_prompt_opens_in_the_next_new_chat(post, endpoint, workspace):
    response = post('{"model": "demo/plain", "messages": [{"role": "user", "content": "Hi"}]}', "open_paste")
    assert response["HX-Redirect"] == reverse("chat:new", args=[workspace.slug]) + "?opened"
    assert Draft.objects.get().prompt_text == "Hi"


@pytest.mark.parametrize("name", ["paste", "open_paste"])
def test_what_cannot_be_read_says_where_and_opens_nothing(post, endpoint, name):
    response = post('{"model": "demo/plain",\n "messages": oops}', name)
    assert response.status_code == 200
    assert 'data-line="2" data-column="14"' in response.content.decode()
    assert not Draft.objects.exists()
    wrong = post(
        '{"messages": [{"role": "user", "content": "a"}, {"role": "oracle"}]}', name
    ).content.decode()
    assert "messages[1]" in wrong
    assert not Conversation.objects.exists()


def test_an_unknown_model_is_replaced_by_the_most_similar_one(post, endpoint):
    page = post('{"model": "demo/plane", "messages": []}').content.decode()
    assert "There is no model “demo/plane” here." in page
    assert endpoint.model.name in page


def test_files_and_other_endpoints_are_named(endpoint, alice, workspace):
    membership = workspace.memberships.get(user=alice)
    cases = [case for case in corpus() if case.uses]
    for write in WRITERS:
        found = understood(write(cases[0].at("https://api.example.com/v1")).text, membership)
        assert found.left_out == ("photo.png: The code reads this file. Attach it again.",)
    only_chat = Endpoint.objects.filter(kind="chat/completions").exclude(
        model__in=Endpoint.objects.filter(kind="messages").values("model")
    )
    text = json.dumps(
        {"model": only_chat.earliest("pk").model.model_id, "system": "Be brief.", "messages": []}
    )
    found = understood(text, membership)
    assert "has no Messages, so Chat Completions is used" in found.endpoint_note
    assert found.setup.system_text == "Be brief."


def test_every_request_of_the_corpus_opens(endpoint, alice, workspace):
    membership = workspace.memberships.get(user=alice)
    for case in corpus():
        found = understood(json.dumps(case.body), membership)
        assert found.setup.endpoint.kind


def test_without_a_model_it_says_so(workspace, alice):
    membership = workspace.memberships.get(user=alice)
    with pytest.raises(PasteRefused, match="There is no model"):
        understood('{"messages": []}', membership)


@pytest.mark.parametrize("name", ["paste", "open_paste"])
def test_pasting_is_for_those_who_may_send(workspace, endpoint, alice, bob, carol, client, client_for, name):
    url, data = reverse(f"chat:{name}", args=[workspace.slug]), {"paste": "{}"}
    assert client_for(alice).get(url).status_code == 405
    bob.memberships.update(role=Role.VIEWER)
    assert client_for(bob).post(url, data).status_code == 403
    assert client_for(carol).post(url, data).status_code == 404
    assert client.post(url, data).status_code == 302
