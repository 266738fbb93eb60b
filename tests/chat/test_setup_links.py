"""The link of a composer opens the same setup."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from chat.flows.set_system_prompt import set_system_prompt

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def shown(client_for, workspace):
    def post(person, conversation=None, **typed) -> str:
        data = {"idempotency_key": "5f0ba6a4-4d0f-4d8e-9a4f-0d7a0f0c3f10", **typed}
        place = ("chat:link", conversation.code) if conversation else ("chat:link_of_new", workspace.slug)
        response = client_for(person).post(reverse(place[0], args=[place[1]]), data, headers=HTMX)
        assert response.status_code == 200
        return str(response.content.decode())

    return post


def address_in(html: str) -> str:
    found = re.search(r'id="setup-link"[^>]*>(.*?)</pre>', html, re.DOTALL)
    assert found, html
    return unescape(found[1])


def test_it_opens_the_same_setup(alice, endpoint, shown, client_for):
    typed = 'Say "hi" & 100%\n<b>é😀</b>'
    html = shown(alice, **{"endpoint": endpoint.pk, "p.temperature": "0.7", "text": typed})
    parts = urlsplit(address_in(html))
    page = client_for(alice).get(f"{parts.path}?{parts.query}")
    assert page.context["model"] == endpoint.model
    assert page.context["form"].parameters == {"temperature": 0.7}
    assert page.context["prompt_text"] == typed
    assert page.context["notes"] == ()


def test_a_conversation_gives_its_system_prompt(alice, conversation, endpoint, shown):
    set_system_prompt(conversation, alice, "Be brief.")
    assert "system=Be+brief." in address_in(shown(alice, conversation, endpoint=endpoint.pk))


def test_a_long_setup_is_offered_as_json(alice, endpoint, shown):
    html = shown(alice, endpoint=endpoint.pk, text="x" * 9_000)
    assert "too long for a link" in html
    assert "Copy as JSON" in html
    assert "&quot;model&quot;: &quot;demo/plain&quot;" in html


def test_a_wrong_value_is_named(alice, endpoint, shown):
    html = shown(alice, **{"endpoint": endpoint.pk, "p.temperature": "9"})
    assert "temperature" in html
    assert "setup-link" not in html
