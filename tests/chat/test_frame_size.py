"""Frames with several messages: bounded, however long the conversation and its messages are."""

from __future__ import annotations

import pytest

from chat.models import Message
from chat.sockets.news import MOST_CHARACTERS, news

pytestmark = pytest.mark.django_db

KB = 1024


@pytest.fixture
def lengthened(conversation):
    """Alice's conversation with so many more prompts of that text; returns the codes of all its messages."""

    def lengthen(count: int, text: str) -> list[str]:
        for _ in range(count):
            conversation.head = Message.objects.create(
                conversation=conversation, parent=conversation.head, role=Message.Role.USER, text=text
            )
        conversation.save()
        return [str(code) for code in conversation.messages.order_by("pk").values_list("code", flat=True)]

    return lengthen


@pytest.mark.parametrize(
    ("count", "text", "least"),
    [
        pytest.param(40, "word " * 20 * KB, 1, id="long messages"),
        # HTML of this is five times as long.
        pytest.param(60, "<" * 50 * KB, 1, id="messages that grow"),
        pytest.param(900, "Hi.", 100, id="many messages"),
        pytest.param(8, "Hi.", 8, id="a short conversation"),
    ],
)
@pytest.mark.parametrize("known", ["none", "first", "foreign"])
def test_a_frame_with_several_messages_is_bounded(alice, conversation, lengthened, count, text, least, known):
    codes = lengthened(count, text)
    head = {"none": "", "first": codes[0], "foreign": str(conversation.code)}[known]

    found = news(alice, conversation.code, head, [])

    shown = [code for code in codes if f'id="message-{code}"' in found.html]
    assert len(found.html) <= MOST_CHARACTERS
    assert shown == codes[-len(shown) :], "the end of the branch, without gaps"
    assert len(shown) >= least
    if len(shown) < len(codes) - 1:
        assert f"Show {len(codes) - len(shown)} earlier messages" in found.html
    assert found.head == codes[-1]


def test_a_single_message_comes_whole(alice, conversation, lengthened):
    codes = lengthened(1, "word " * 400 * KB)
    found = news(alice, conversation.code, "", [])
    assert f'id="message-{codes[-1]}"' in found.html
    assert f'id="message-{codes[0]}"' not in found.html
