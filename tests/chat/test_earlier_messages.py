"""A page opens with the end of a long conversation; the messages above come piece by piece."""

from __future__ import annotations

import re
import uuid

import pytest

from chat.flows.show_sibling import show_sibling
from chat.models import Message
from chat.pages import messages

PIECE, MOST = 4, 10


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(messages, "PIECE", PIECE)
    monkeypatch.setattr(messages, "MOST_UNASKED", MOST)


@pytest.fixture
def long(conversation):
    """Twenty messages, each saying its number; a second wording of the tenth."""
    parent = None
    for number in range(20):
        parent = Message.objects.create(
            conversation=conversation, parent=parent, role=Message.Role.USER, text=f"number {number}"
        )
        if number == 9:
            Message.objects.create(
                conversation=conversation, parent=parent.parent, role=Message.Role.USER, text="number 9, too"
            )
    conversation.head = parent
    conversation.save()
    return conversation


def numbers(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'class="bubble" dir="auto">number (\d+)', html)]


def next_address(html: str) -> str | None:
    found = re.search(r'id="earlier-button-[^"]*"\s+hx-get="([^"]+)"', html)
    return found and found[1]


def comes_unasked(html: str) -> bool:
    return 'hx-trigger="load, click"' in html


def test_the_page_and_what_follows_make_the_branch_each_message_once(long, alice, client_for):
    client = client_for(alice)
    html = client.get(f"/c/{long.code}/").content.decode()
    assert numbers(html) == [16, 17, 18, 19]
    shown, asked = numbers(html), []
    while address := next_address(html):
        asked.append(comes_unasked(html))
        html = client.get(address).content.decode()
        shown = numbers(html) + shown
    assert shown == list(range(20))
    # Messages up to a bound come unasked; the reader has to ask for those far above.
    assert asked == [True, True, False, False]


def test_it_says_how_many_there_are(long, alice, client_for):
    html = client_for(alice).get(f"/c/{long.code}/").content.decode()
    assert "Show 16 earlier messages" in html


def test_what_fits_has_nothing_above(conversation, alice, client_for):
    html = client_for(alice).get(f"/c/{conversation.code}/").content.decode()
    assert next_address(html) is None


def test_another_branch_comes_with_what_is_above_at_once(long, alice, client_for):
    other = Message.objects.get(text="number 9, too")
    answer = client_for(alice).post(f"/m/{other.code}/show/", headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert numbers(html) == [*range(9), 9]
    assert next_address(html) is None


def test_in_place_of_a_page_stands_no_more_than_anybody_reads(long, alice, client_for):
    answer = client_for(alice).post(f"/m/{long.head.code}/show/", headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert numbers(html) == list(range(10, 20))
    assert next_address(html)
    assert not comes_unasked(html)


def test_a_page_that_was_left_behind_gets_the_rest_of_its_own_branch(long, alice, client_for):
    client = client_for(alice)
    address = next_address(client.get(f"/c/{long.code}/").content.decode())
    show_sibling(Message.objects.get(text="number 9, too"), alice)
    html = client.get(address).content.decode()
    assert numbers(html) == [12, 13, 14, 15]
    assert not comes_unasked(html)


def test_above_the_first_there_is_nothing(long, alice, client_for):
    first = Message.objects.get(conversation=long, text="number 0")
    html = client_for(alice).get(f"/m/{first.code}/earlier/").content.decode()
    assert numbers(html) == []
    assert next_address(html) is None


def test_of_a_message_that_is_not_there_nothing_is_said(alice, client_for):
    assert client_for(alice).get(f"/m/{uuid.uuid4()}/earlier/").status_code == 404
