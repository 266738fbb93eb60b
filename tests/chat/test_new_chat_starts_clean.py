"""A new chat keeps the model of the last one, offers its parameters, and applies none of them."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from chat.flows.build_request import Choice
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.models import Draft, Run
from chat.relays import background
from playground.models import Endpoint

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def started(monkeypatch):
    """Runs that would be relayed."""
    runs: list[Run] = []
    monkeypatch.setattr(background, "start", runs.append)
    return runs


@pytest.fixture
def page_of(client_for, workspace):
    def page(person, query: str = ""):
        return client_for(person).get(reverse("chat:new", args=[workspace.slug]) + query)

    return page


@pytest.fixture
def configure(client_for, workspace):
    def post(person, **data):
        url = reverse("chat:configure_new", args=[workspace.slug])
        return client_for(person).post(url, data, headers=HTMX)

    return post


@pytest.fixture
def send(client_for, workspace, started):
    def post(person, **data):
        url = reverse("chat:start", args=[workspace.slug])
        posted = {"text": "Hello", "idempotency_key": str(uuid.uuid4()), **data}
        assert client_for(person).post(url, posted, headers=HTMX).status_code == 200
        return started[-1]

    return post


def endpoint_of(model_id: str) -> Endpoint:
    return Endpoint.objects.select_related("model").get(model__model_id=model_id)


def offered(page) -> list[str]:
    return list(page.context["offer"].values) if page.context["offer"] else []


def test_a_change_survives_a_reload_until_the_chat_is_sent(alice, endpoint, page_of, configure, send):
    turned = {"endpoint": endpoint.pk, "p.temperature": "0.4"}
    configure(alice, **turned)
    assert page_of(alice).context["form"].parameters == {"temperature": 0.4}
    assert offered(page_of(alice)) == []

    run = send(alice, **turned)
    assert run.parameters == {"temperature": 0.4}
    page = page_of(alice)
    assert page.context["form"].parameters == {}
    assert page.context["model"] == endpoint.model
    assert offered(page) == ["temperature"]
    assert "Use 1 setting from your last chat" in page.content.decode()


def test_a_chat_without_settings_offers_none(alice, endpoint, page_of, send):
    send(alice, endpoint=endpoint.pk, **{"p.temperature": "0.4"})
    send(alice, endpoint=endpoint.pk)

    assert offered(page_of(alice)) == []
    assert "from your last chat" not in page_of(alice).content.decode()


def test_a_change_that_arrives_after_its_prompt_stays_with_that_chat(
    alice, endpoint, page_of, configure, send
):
    key = str(uuid.uuid4())
    send(alice, endpoint=endpoint.pk, idempotency_key=key)
    configure(alice, endpoint=endpoint.pk, idempotency_key=key, **{"p.temperature": "0.4"})
    assert page_of(alice).context["form"].parameters == {}

    # Another tab has a key of its own.
    configure(alice, endpoint=endpoint.pk, idempotency_key=str(uuid.uuid4()), **{"p.temperature": "0.4"})
    assert page_of(alice).context["form"].parameters == {"temperature": 0.4}
    assert configure(alice, endpoint=endpoint.pk, idempotency_key="no key").status_code == 200


def test_values_that_were_set_aside_do_not_come_back_in_the_next_chat(
    alice, endpoint, page_of, configure, send
):
    other = endpoint_of("demo/reasoning")
    configure(alice, endpoint=endpoint.pk, **{"p.frequency_penalty": "1"})
    configure(alice, model=other.model_id)
    send(alice, endpoint=other.pk)

    configure(alice, model=endpoint.model_id)
    assert page_of(alice).context["form"].parameters == {}


def test_it_offers_what_was_set_last_in_whatever_chat(alice, bob, conversation, endpoint, page_of):
    choice = Choice(endpoint, {"top_p": 0.5, "temperature": 0.4})
    send_prompt(conversation, alice, "And?", choice, uuid.uuid4())

    assert offered(page_of(alice)) == ["temperature", "top_p"]
    assert offered(page_of(bob)) == []


@pytest.fixture
def last_chat(alice, workspace, endpoint):
    parameters = {"temperature": 0.4, "top_p": 0.5, "frequency_penalty": 1, "min_p": 0.1}
    return start_conversation(workspace, alice, "Hello", Choice(endpoint, parameters), uuid.uuid4())


def test_they_are_used_at_once_and_beside_what_the_page_has(alice, endpoint, last_chat, page_of, configure):
    page = page_of(alice).content.decode()
    assert "Use 4 settings from your last chat" in page
    assert "and 1 more" in page

    answer = configure(alice, offer="use", endpoint=endpoint.pk, **{"p.seed": "7"}).content.decode()
    assert "from your last chat" not in answer
    assert page_of(alice).context["form"].parameters == {**last_chat.parameters, "seed": 7}
    assert offered(page_of(alice)) == []

    # The second click of two, or a click in another tab, adds nothing.
    assert configure(alice, offer="use", endpoint=endpoint.pk).status_code == 200


def test_only_what_the_chosen_model_accepts_is_offered(alice, last_chat, page_of, configure):
    other = endpoint_of("demo/reasoning")
    assert offered(page_of(alice, f"?model={other.model_id}")) == ["temperature", "min_p"]

    configure(alice, offer="use", endpoint=other.pk)
    draft = Draft.objects.get(user=alice)
    assert draft.model == other.model
    assert draft.parameters == {"temperature": 0.4, "min_p": 0.1}


def test_they_are_dismissed_until_the_next_chat(alice, endpoint, last_chat, page_of, configure, send):
    configure(alice, offer="dismiss")
    assert offered(page_of(alice)) == []

    send(alice, endpoint=endpoint.pk, **{"p.seed": "7"})
    assert offered(page_of(alice)) == ["seed"]


def test_a_wrong_value_is_shown_before_anything_is_used(alice, endpoint, last_chat, page_of, configure):
    answer = configure(alice, offer="use", endpoint=endpoint.pk, **{"p.temperature": "40"}).content.decode()

    assert "Must be at most 2." in answer
    assert "Use 4 settings from your last chat" in answer
    assert page_of(alice).context["form"].parameters == {}


def test_a_chat_with_the_same_prompt_keeps_its_settings(alice, last_chat, page_of):
    page = page_of(alice, f"?from={last_chat.answer.code}")

    assert page.context["form"].parameters == last_chat.parameters
    assert offered(page) == []


def test_a_refused_prompt_keeps_the_offer(alice, endpoint, last_chat, client_for, workspace):
    url = reverse("chat:start", args=[workspace.slug])
    posted = {"text": "", "endpoint": endpoint.pk, "idempotency_key": str(uuid.uuid4())}
    answer = client_for(alice).post(url, posted, headers=HTMX)

    assert answer.status_code == 422
    assert "Use 4 settings from your last chat" in answer.content.decode()


def test_others_reach_none_of_it(vera, carol, client, last_chat, configure, client_for, workspace):
    url = reverse("chat:configure_new", args=[workspace.slug])
    assert client_for(carol).post(url, {"offer": "use"}).status_code == 404
    assert client_for(vera).post(url, {"offer": "use"}).status_code == 403
    assert client.post(url, {"offer": "use"}).status_code == 302
    assert Draft.objects.get().last_chat["parameters"] == last_chat.parameters
