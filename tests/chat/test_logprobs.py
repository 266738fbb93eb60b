from __future__ import annotations

from html import unescape

import pytest
from django.urls import reverse

from chat.pages.logprobs import MOST_TOKENS, logprobs_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(conversation):
    message = conversation.head
    message.data = {
        "logprobs": [["Hello", -0.01, [["Hello", -0.01], ["Hi", -5.0]]], [" <b>", -3.0, [["!", -0.1]]]]
    }
    message.save()
    return message


def url_of(message) -> str:
    return reverse("chat:logprobs", args=[message.code])


def test_each_token_has_its_shade_and_what_else_might_have_stood_there(answer, alice, client_for):
    html = client_for(alice).get(url_of(answer)).content.decode()
    assert '<span class="shade-0"' in html
    assert '<span class="shade-4"' in html
    assert "<b>" not in html
    assert "99 %; others: “Hi” 0.67 %" in unescape(html)


def test_the_page_holds_none_of_it_until_it_is_opened(answer, conversation, alice, client_for):
    html = client_for(alice).get(reverse("chat:conversation", args=[conversation.code])).content.decode()
    assert url_of(answer) in html
    assert "shade-" not in html


def test_of_very_many_the_first_are_shown_and_it_says_so(answer, alice, client_for):
    answer.data["logprobs"] = [["a", -1.0, []]] * (MOST_TOKENS + 5)
    answer.save()
    html = client_for(alice).get(url_of(answer)).content.decode()
    assert html.count("<span class=") == MOST_TOKENS
    assert f"the first {MOST_TOKENS} of {MOST_TOKENS + 5} tokens" in html


def test_numbers_above_certainty_are_certain(answer):
    answer.data["logprobs"] = [["a", 0.001, []], ["b", -99999.0, []]]
    found = logprobs_of(answer)
    assert found is not None
    assert [(token.percent, token.shade) for token in found.tokens] == [("100 %", 0), ("0 %", 4)]


def test_an_answer_without_them_has_no_such_page(conversation, alice, client_for):
    assert client_for(alice).get(url_of(conversation.head)).status_code == 404


def test_it_is_not_found_for_others(answer, bob, carol, client_for):
    assert client_for(bob).get(url_of(answer)).status_code == 404
    assert client_for(carol).get(url_of(answer)).status_code == 404
