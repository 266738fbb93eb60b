"""A setup opens in the next new chat or in a conversation of its own, and nothing is sent."""

from __future__ import annotations

import pytest
from django.urls import reverse

from chat.flows.open_setup import OpenedSetup, Setup, open_setup
from chat.models import Conversation, Draft, Message, Run
from chat.relays import background
from chat.transcript import branch
from playground.upstream.dialects.shared.transcript import Role, Text, ToolCall, Turn

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
KEY = "5f0ba6a4-4d0f-4d8e-9a4f-0d7a0f0c3f10"
EARLIER = (
    Turn(Role.USER, (Text("What is the weather\nin Ulm?"),)),
    Turn(
        Role.ASSISTANT,
        (Text("One **moment**."),),
        tool_calls=(ToolCall("call_a", "weather", '{"town": "Ulm"}'),),
        reasoning="A tool knows.",
    ),
    Turn(Role.TOOL, (Text('{"sky": "grey"}'),), call_id="call_a", is_error=True),
    Turn(Role.ASSISTANT, (Text("It is grey."),)),
)


@pytest.fixture
def membership(workspace, alice):
    return workspace.memberships.get(user=alice)


def test_it_fills_the_next_new_chat(alice, workspace, membership, endpoint, client_for):
    setup = Setup(endpoint, {"temperature": 0.5, "x_extra": [1]}, "Be brief.", prompt="Say <b>hello</b>")
    assert open_setup(membership, setup) == OpenedSetup(None)

    assert not Conversation.objects.exists()
    assert Draft.objects.get().system_text == "Be brief."
    url = reverse("chat:new", args=[workspace.slug])
    page = client_for(alice).get(f"{url}?opened")
    assert page.context["form"].parameters == {"temperature": 0.5, "x_extra": [1]}
    assert page.context["prompt_text"] == "Say <b>hello</b>"
    assert "Say &lt;b&gt;hello&lt;/b&gt;" in page.content.decode()
    # The draft that the browser keeps of another new chat has another name.
    assert f'data-draft="{workspace.slug}"' not in page.content.decode()
    assert client_for(alice).get(url).context["prompt_text"] == ""


def test_a_prompt_is_offered_until_a_chat_is_sent(
    alice, workspace, membership, endpoint, client_for, monkeypatch
):
    monkeypatch.setattr(background, "start", lambda run: None)
    open_setup(membership, Setup(endpoint, prompt="Hello"))
    url = reverse("chat:start", args=[workspace.slug])
    client_for(alice).post(url, {"text": "Other words", "idempotency_key": KEY}, headers=HTMX)
    assert Draft.objects.get().prompt_text == ""


def test_earlier_messages_become_a_conversation(alice, workspace, membership, endpoint, client_for):
    origin = {"from": "a curl command", "model": "gpt-4o"}
    setup = Setup(endpoint, {"temperature": 0.5}, "Be brief.", EARLIER, "And tomorrow?", origin)
    conversation = open_setup(membership, setup).conversation

    assert conversation is not None
    conversation.refresh_from_db()
    assert conversation.system_text == "Be brief."
    messages = branch(conversation, conversation.head_id)
    assert [(message.role, message.text) for message in messages] == [
        (turn.role, turn.text) for turn in EARLIER
    ]
    assert messages[1].reasoning == "A tool knows."
    assert messages[2].data == {"tool_call_id": "call_a", "name": "weather", "is_error": True}
    assert conversation.title == "What is the weather"
    assert not Run.objects.exists()
    assert not Draft.objects.exists()

    page = client_for(alice).get(reverse("chat:conversation", args=[conversation.code]))
    html = page.content.decode()
    assert page.context["prompt_text"] == "And tomorrow?"
    assert page.context["form"].parameters == {"temperature": 0.5}
    assert '<h2 class="answer-model">gpt-4o</h2>' in html
    assert "<span>Imported</span>" in html
    assert "One <strong>moment</strong>." in html


def test_the_next_prompt_follows_the_earlier_messages(
    alice, workspace, membership, endpoint, client_for, monkeypatch
):
    monkeypatch.setattr(background, "start", lambda run: None)
    conversation = open_setup(membership, Setup(endpoint, {}, "", EARLIER, "And tomorrow?")).conversation
    assert conversation is not None
    url = reverse("chat:send", args=[conversation.code])
    client_for(alice).post(url, {"text": "And tomorrow?", "idempotency_key": KEY}, headers=HTMX)

    run = Run.objects.get()
    roles = [message["role"] for message in run.body["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]
    conversation.refresh_from_db()
    assert conversation.prompt_text == ""


def test_text_that_no_database_takes_is_mended(alice, workspace, membership, endpoint):
    earlier = (Turn(Role.USER, (Text("a\0b\ud800"),)),)
    conversation = open_setup(membership, Setup(endpoint, {}, "", earlier, "\0")).conversation
    assert conversation is not None
    assert Message.objects.get().text == "a�b�"


def test_an_imported_answer_can_be_given_again(
    alice, workspace, membership, endpoint, client_for, monkeypatch
):
    monkeypatch.setattr(background, "start", lambda run: None)
    conversation = open_setup(membership, Setup(endpoint, {}, "", EARLIER)).conversation
    assert conversation is not None
    answer = Message.objects.order_by("pk").last()
    assert answer is not None
    url = reverse("chat:regenerate", args=[answer.code])
    assert client_for(alice).post(url, {"idempotency_key": KEY}, headers=HTMX).status_code == 200
    assert Message.objects.filter(parent=answer.parent_id).count() == 2
