from __future__ import annotations

import pytest
from django.urls import reverse

from chat.models import Draft
from playground.models import UpstreamModel

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(conversation) -> str:
    return reverse("chat:configure", args=[conversation.code])


def model(model_id: str) -> UpstreamModel:
    return UpstreamModel.objects.get(model_id=model_id)


def test_it_keeps_what_was_turned(alice, client_for, conversation, url):
    response = client_for(alice).post(url, {"p.temperature": "0.4"}, headers=HTMX)

    assert response.status_code == 200
    conversation.refresh_from_db()
    assert conversation.parameters == {"temperature": 0.4}


def test_what_is_not_valid_is_shown_and_not_kept(alice, client_for, conversation, url):
    response = client_for(alice).post(url, {"p.temperature": "40"}, headers=HTMX)

    assert "Must be at most 2." in response.content.decode()
    conversation.refresh_from_db()
    assert conversation.parameters == {}


def test_another_model_keeps_what_it_accepts(alice, client_for, conversation, url):
    conversation.parameters = {"temperature": 0.4, "frequency_penalty": 1}
    conversation.save()
    client_for(alice).post(url, {"model": model("demo/reasoning").pk}, headers=HTMX)

    conversation.refresh_from_db()
    assert conversation.model.model_id == "demo/reasoning"
    assert conversation.parameters == {"temperature": 0.4}


def test_another_model_keeps_the_prompt(alice, client_for, url):
    picked = {"model": model("demo/slow").pk, "text": "Half a prompt"}
    assert "Half a prompt" in client_for(alice).post(url, picked, headers=HTMX).content.decode()


def test_a_new_chat_starts_from_the_last_choice(alice, client_for, workspace, catalogue):
    client = client_for(alice)
    client.post(
        reverse("chat:configure_new", args=[workspace.slug]), {"model": model("demo/slow").pk}, headers=HTMX
    )

    assert Draft.objects.get(user=alice).model == model("demo/slow")
    page = client.get(reverse("chat:new", args=[workspace.slug])).content.decode()
    assert model("demo/slow").description in page


def test_an_unknown_model_is_not_found(alice, client_for, url):
    assert client_for(alice).post(url, {"model": "999999"}, headers=HTMX).status_code == 404


def test_a_large_part_of_the_form_comes_when_it_is_asked_for(alice, carol, client_for, conversation, url):
    endpoint = conversation.model.endpoints.get()
    properties = {f"part_{number}": {"type": "string"} for number in range(20)}
    large = {"type": "array", "items": {"type": "object", "properties": properties}}
    endpoint.request_schema["properties"]["large"] = large
    endpoint.schema_digest = "another"
    endpoint.save()
    asked = {"endpoint": endpoint.pk, "part": "p.large.2"}

    assert 'name="p.large.2.part_7"' in client_for(alice).post(url, asked, headers=HTMX).content.decode()
    assert client_for(alice).post(url, {**asked, "part": "p.nothing.0"}, headers=HTMX).status_code == 404
    assert client_for(carol).post(url, asked, headers=HTMX).status_code == 404
