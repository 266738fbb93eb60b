"""A copy of a conversation or a comparison, as one's own, by somebody who may only read it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from chat.flows.compare_conversation import compare_conversation
from chat.flows.share_with_workspace import share_with_workspace
from chat.models import Access, Conversation, Run, Share

pytestmark = pytest.mark.django_db


@pytest.fixture
def copy(client_for):
    def post(user, conversation):
        return client_for(user).post(reverse("chat:copy_conversation", args=[conversation.code]))

    return post


def texts(conversation: Conversation) -> list[str]:
    return list(conversation.messages.order_by("pk").values_list("text", flat=True))


def copy_of(owner) -> Conversation:
    return Conversation.objects.filter(owner=owner, column_of=None).get()


def test_a_reader_copies_a_conversation(alice, bob, conversation, copy):
    assert copy(bob, conversation).status_code == 404
    share_with_workspace(conversation, alice, Access.READ)
    response = copy(bob, conversation)
    made = copy_of(bob)
    assert response.url == reverse("chat:conversation", args=[made.code])
    assert texts(made) == texts(conversation)
    assert (made.title, made.model) == (f"{conversation.title} (fork)", conversation.model)
    assert (made.workspace_access, Share.objects.count()) == (Access.NONE, 0)
    assert Run.objects.filter(conversation=made).count() == 0


def test_a_reader_copies_a_comparison_with_its_columns(alice, bob, conversation, copy, client_for):
    entry = compare_conversation(conversation, alice, [None, None])
    share_with_workspace(entry, alice, Access.READ)
    response = copy(bob, entry)
    made = copy_of(bob)
    assert made.is_comparison
    assert [texts(column) for column in made.columns.all()] == [texts(conversation)] * 3
    assert {column.owner for column in made.columns.all()} == {bob}
    assert client_for(bob).get(response.url, follow=True).status_code == 200
    # The original is still that of its owner.
    assert entry.columns.count() == 3


@pytest.mark.parametrize("why", ["blind", "live"])
def test_no_copy_names_models_or_cuts_an_answer(alice, bob, conversation, copy, why):
    entry = compare_conversation(conversation, alice, [None])
    share_with_workspace(entry, alice, Access.READ)
    if why == "blind":
        Conversation.objects.update(is_blind=True)
        assert copy(bob, entry).status_code == 403
    else:
        column = entry.columns.all()[0]
        Run.objects.update(status=Run.Status.RUNNING, conversation=column, answer=column.head)
        assert copy(bob, entry).status_code == 302
    assert not Conversation.objects.filter(owner=bob).exists()


def test_a_column_is_copied_with_its_comparison_only(alice, conversation, copy):
    entry = compare_conversation(conversation, alice, [None])
    assert copy(alice, entry.columns.all()[0]).status_code == 404
