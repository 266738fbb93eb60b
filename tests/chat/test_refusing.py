"""Every view that starts a run shows the same refusal for the same reason."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from accounts.models import Limit
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.select_model import select_model
from chat.models import Draft, Run
from playground.models import ModelSetting
from playground.upstream.answer import Answer
from playground.upstream.events import Finished, ToolCallDelta
from tests.chat.scripted_model import first_run, scripted_model

pytestmark = pytest.mark.django_db

VIEWS = ["start", "send", "edit", "regenerate", "retry_without", "retry_longer", "return_tool_results"]


@pytest.fixture
def run(workspace, alice, catalogue, demo_upstream, monkeypatch) -> Run:
    """An answer that every kind of retry is offered for."""
    endpoint = scripted_model(demo_upstream, monkeypatch, lambda reply, body: iter(()))
    run = first_run(workspace, alice, endpoint, top_p=0.9, max_tokens=5)
    answer = Answer()
    answer.apply(ToolCallDelta(0, "call_a", "get_weather", "{}"))
    answer.apply(Finished("length"))
    error = {"refused": [{"name": "top_p", "why": "parameter", "words": "No top_p here."}]}
    assert finish_run(run, Outcome(Run.Status.FINISHED, answer, error=error), fence=0)
    select_model(Draft(user=alice, workspace=workspace), alice, endpoint, {})
    return Run.objects.select_related("answer__parent", "endpoint__model__provider").get(pk=run.pk)


def post(client, view: str, run: Run, key: str | None = None):
    assert run.message.parent
    subject = {
        "start": run.thread.workspace.slug,
        "send": run.thread.code,
        "edit": run.message.parent.code,
    }.get(view, run.message.code)
    posted = {
        "text": "And again",
        "endpoint": str(run.endpoint_id),
        "idempotency_key": str(uuid.uuid4()) if key is None else key,
        "without": "top_p",
        "result-1-text": "Rain",
    }
    return client.post(reverse(f"chat:{view}", args=[subject]), posted, headers={"HX-Request": "true"})


@pytest.fixture(params=VIEWS)
def refused(request, client_for, alice, run):
    """Post to one of the views and return the context of its refusal, with the page."""

    def refuse():
        response = post(client_for(alice), request.param, run)
        assert response.status_code == 422
        assert Run.objects.count() == 1
        return response.context, response.content.decode()

    return refuse


def test_a_limit_that_is_reached_is_named(refused, workspace):
    Limit.objects.create(workspace=workspace, unit="tokens", period="day", amount=1)
    context, page = refused()

    assert context["refusal_text"].startswith("The workspace's limit of 1 token")
    assert "The workspace&#x27;s limit of 1 token" in page
    assert (context["prompt_errors"], context["lacks_key"]) == ((), False)


def test_a_key_that_is_missing_is_stressed(refused, run):
    provider = run.endpoint.model.provider
    provider.needs_key = True
    provider.save()
    context, page = refused()

    assert context["lacks_key"]
    assert 'class="notice composer-key error"' in page
    assert (context["prompt_errors"], context["refusal"]) == ((), None)


def test_a_model_that_is_gone_is_named_once(refused, run, workspace):
    ModelSetting.objects.create(workspace=workspace, model=run.endpoint.model, is_enabled=False)
    context, page = refused()

    said = f"{run.endpoint.model.name} is switched off in {workspace}."
    assert context["prompt_errors"] == (said,)
    assert page.count(said) == 1


@pytest.mark.parametrize("view", VIEWS)
def test_a_click_without_a_key_asks_to_reload(view, client_for, alice, run):
    response = post(client_for(alice), view, run, key="")

    assert response.status_code == 422
    assert "This page is out of date. Reload it, then try again." in response.context["prompt_errors"]
