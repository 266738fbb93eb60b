"""A model that its workspace takes away while a conversation uses it."""

from __future__ import annotations

import uuid
from unittest.mock import patch

import pytest
from django.urls import reverse

from accounts.models import Hold, Role
from chat.flows.finish_run import Outcome, finish_run
from chat.models import Access, Conversation, Run
from chat.relays import background
from playground.models import Endpoint, ModelSetting
from playground.upstream.answer import Answer
from playground.upstream.events import Finished, TextDelta, UsageReported

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def used(conversation):
    return conversation.model


def decide(workspace, model, **what) -> None:
    ModelSetting.objects.update_or_create(workspace=workspace, model=model, defaults=what)


def send(client, conversation, endpoint, text="And again"):
    url = reverse("chat:send", args=[conversation.code])
    posted = {"text": text, "endpoint": endpoint.pk, "idempotency_key": uuid.uuid4()}
    return client.post(url, posted, headers=HTMX)


def test_sending_to_it_says_why_not_and_keeps_the_prompt(
    alice, client_for, workspace, conversation, used, endpoint
):
    decide(workspace, used, is_enabled=False)
    response = send(client_for(alice), conversation, endpoint)

    assert response.status_code == 422
    page = response.content.decode()
    assert f"{used.name} is switched off in Acme Research." in page
    assert "And again" in page
    assert Run.objects.count() == 1


def test_the_page_shows_another_model_and_sends_to_it(alice, client_for, workspace, conversation, used):
    decide(workspace, used, is_enabled=False)
    page = client_for(alice).get(reverse("chat:conversation", args=[conversation.code]))

    stand_in = page.context["model"]
    assert stand_in != used
    said = f"{used.name} is switched off in Acme Research. The next prompt goes to {stand_in.name}."
    assert said in page.content.decode()
    endpoint = page.context["endpoint"]
    with patch.object(background, "start"):
        assert send(client_for(alice), conversation, endpoint).status_code == 200
    assert Run.objects.latest("pk").endpoint == endpoint
    page = client_for(alice).get(reverse("chat:conversation", args=[conversation.code]))
    assert "is switched off" not in page.content.decode()


def test_it_is_refused_to_a_role_that_it_is_not_for(
    bob, alice, client_for, workspace, conversation, used, endpoint
):
    Conversation.objects.update(workspace_access=Access.WRITE)
    decide(workspace, used, lowest_role=Role.ADMIN)
    refused = send(client_for(bob), conversation, endpoint)
    assert f"In Acme Research, {used.name} is for admins and owners." in refused.content.decode()
    assert (
        client_for(alice).get(reverse("chat:conversation", args=[conversation.code])).context["model"] == used
    )


def test_an_endpoint_that_was_never_used_here_is_simply_not_found(
    alice, client_for, workspace, conversation, endpoint
):
    other = Endpoint.objects.exclude(model=endpoint.model).select_related("model")[0]
    decide(workspace, other.model, is_enabled=False)
    assert send(client_for(alice), conversation, other).status_code == 404


def test_the_workspaces_price_is_held_and_settled(
    alice, client_for, workspace, conversation, used, endpoint, monkeypatch, books_agree
):
    monkeypatch.setattr(background, "start", lambda run: None)
    prices = {"input_price": used.input_price * 10, "output_price": used.output_price * 10}

    def sent() -> tuple[Run, int]:
        assert send(client_for(alice), conversation, endpoint).status_code == 200
        run = Run.objects.latest("pk")
        answer = Answer()
        for event in (
            TextDelta("Yes."),
            UsageReported(1000, 500, None, 1500, {}),
            Finished("stop"),
        ):
            answer.apply(event)
        held = Hold.objects.get(run_code=run.code).credits
        assert finish_run(run, Outcome(Run.Status.FINISHED, answer), fence=0)
        run.refresh_from_db()
        return run, held

    run, held = sent()
    decide(workspace, used, **prices)
    dearer, more = sent()
    assert more > held * 9
    assert {name: getattr(dearer, name) for name in prices} == prices
    assert run.credits and dearer.credits == run.credits * 10
    page = client_for(alice).get(reverse("chat:conversation", args=[conversation.code])).content.decode()
    assert f'data-output-price="{prices["output_price"]}"' in page
