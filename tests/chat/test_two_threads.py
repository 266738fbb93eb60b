"""A page with several conversations: each has ids of its own, and what comes for one names no other."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from django.template.loader import render_to_string

from chat.access import get_conversation_for
from chat.models import Conversation, Message
from chat.pages import messages
from chat.pages.composer import composer_for
from chat.pages.conversation import conversation_context

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(conversation, alice, monkeypatch) -> Conversation:
    """Another conversation of Alice's, long enough to have earlier messages."""
    monkeypatch.setattr(messages, "PIECE", 4)
    made = Conversation.objects.create(
        workspace=conversation.workspace, owner=alice, model=conversation.model, title="Second"
    )
    parent = None
    for number in range(20):
        parent = Message.objects.create(
            conversation=made, parent=parent, role=Message.Role.USER, text=f"number {number}"
        )
    made.head = parent
    made.save()
    return made


def context_of(conversation: Conversation, user: Any) -> dict[str, Any]:
    grant = get_conversation_for(user, conversation.code)
    return conversation_context(grant, composer_for(grant.conversation, grant.membership))


def ids(html: str) -> list[str]:
    return re.findall(r'\sid="([^"]+)"', html)


def test_no_id_is_on_the_page_twice(conversation, second, alice):
    html = "".join(
        render_to_string("chat/_conversation.html", context_of(each, alice))
        for each in (conversation, second)
    )
    assert f"earlier-{second.code}" in ids(html)
    assert [name for name, count in Counter(ids(html)).items() if count > 1] == []


def test_every_id_that_a_thread_names_is_its_own(conversation, second, alice):
    html = render_to_string("chat/_conversation.html", context_of(second, alice))
    named = set(re.findall(r'hx-target="#([^"]+)"', html))
    assert named and named <= set(ids(html))
    assert str(conversation.code) not in html


def test_what_is_new_goes_to_its_thread(second, alice):
    context = {**context_of(second, alice), "turns": []}
    for name in ("turn", "thread"):
        html = render_to_string(f"chat/frames/{name}.html", context)
        targets = {
            *re.findall(r"#(thread-[^\"]+)", html),
            *re.findall(r'id="((?:thread|composer)[^"]*)"', html),
        }
        assert targets == {f"thread-{second.code}", f"composer-action-{second.code}"}
