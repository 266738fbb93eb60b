"""A conversation that opens at a message which a search has found."""

from __future__ import annotations

import re

import pytest

from chat.models import Access, Conversation, Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions(conversation, alice):
    """Return a conversation with a second version, which everyone sees, and the answer of the first."""
    prompt, answer = conversation.head.parent, conversation.head
    again = Message.objects.create(
        conversation=conversation, parent=prompt, role="assistant", text="A later version", author=alice
    )
    Message.objects.filter(pk=answer.pk).update(text="The zebra of the first version")
    answer.refresh_from_db()
    answer.save()
    Conversation.objects.filter(pk=conversation.pk).update(head=again)
    return conversation, answer, again


@pytest.fixture
def long(conversation, alice):
    """Return the codes of 420 messages of the branch that everyone sees, first message first."""
    parent = conversation.head
    codes = []
    for number in range(420):
        parent = Message.objects.create(
            conversation=conversation, parent=parent, role="user", text=f"Number {number}.", author=alice
        )
        codes.append(parent.code)
    Conversation.objects.filter(pk=conversation.pk).update(head=parent)
    return codes


def page_at(client, conversation, message: object, words: str = "zebra") -> str:
    response = client.get(f"/c/{conversation.code}/", {"at": str(message), "q": words})
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_result_links_to_its_message(versions, alice, client_for):
    conversation, answer, _ = versions

    page = client_for(alice).get("/w/acme/search/", {"q": "Zebra"}).content.decode()

    assert f'href="/c/{conversation.code}/?at={answer.code}&amp;q=zebra"' in page


def test_another_version_is_shown_for_reading_and_changes_nothing(versions, alice, client_for):
    conversation, answer, again = versions

    page = page_at(client_for(alice), conversation, answer.code)

    assert "The zebra of the first version" in page
    assert "A later version" not in page
    assert "You are reading another version" in page
    assert f'data-at="message-{answer.code}"' in page
    assert "data-live-url" not in page
    assert 'name="text"' not in re.sub("(?s)<template.*?</template>", "", page)
    assert "data-edit title" not in page
    conversation.refresh_from_db()
    assert conversation.head == again


def test_who_may_only_read_can_not_continue_it(versions, vera, client_for):
    conversation, answer, _ = versions
    Conversation.objects.filter(pk=conversation.pk).update(workspace_access=Access.READ)

    page = page_at(client_for(vera), conversation, answer.code)

    assert "You are reading another version" in page
    assert "Continue this version" not in page


def test_the_current_version_stays_live(versions, alice, client_for):
    conversation, _, again = versions

    page = page_at(client_for(alice), conversation, again.code, "later")

    assert "data-live-url" in page
    assert 'data-words="later"' in page
    assert "You are reading" not in page


@pytest.mark.parametrize(("number", "is_apart"), [(0, True), (50, True), (250, False), (419, False)])
def test_a_message_that_is_not_loaded_yet_is_on_the_page(
    number, is_apart, long, conversation, alice, client_for
):
    page = page_at(client_for(alice), conversation, long[number])

    shown = re.findall(r'id="message-([0-9a-f-]{36})"', page)
    assert str(long[number]) in shown
    assert len(shown) < 330
    assert ("an earlier part of this conversation" in page) == is_apart
    assert (str(long[-1]) in shown) != is_apart
    if is_apart and number:
        address = re.search(r'hx-get="(/m/[0-9a-f-]+/earlier/\?apart=yes)"', page)
        assert address
        assert "data-edit title" not in client_for(alice).get(address[1]).content.decode()


@pytest.mark.parametrize("code", ["", "nonsense", "00000000-0000-4000-8000-000000000000", "\0"])
def test_a_message_that_does_not_exist_is_a_404(code, conversation, alice, client_for):
    assert client_for(alice).get(f"/c/{conversation.code}/", {"at": code}).status_code == 404


def test_a_message_of_another_conversation_is_a_404(conversation, second_run, alice, carol, client_for):
    foreign = second_run.conversation.messages.first()

    assert client_for(alice).get(f"/c/{conversation.code}/", {"at": foreign.code}).status_code == 404
    assert client_for(carol).get(f"/c/{foreign.conversation.code}/", {"at": foreign.code}).status_code == 404


def test_words_are_text_of_the_page(conversation, alice, client_for):
    page = page_at(client_for(alice), conversation, conversation.head.code, '"><script>x</script>')

    assert "<script>x" not in page
