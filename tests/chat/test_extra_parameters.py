"""Extra parameters on their way: into the body, the estimate, the next answer and another model."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse

from chat.flows.build_request import Choice
from chat.flows.regenerate_answer import regenerate_answer
from chat.flows.retry_with_changes import retry_without
from chat.flows.select_model import select_model
from chat.flows.send_prompt import start_conversation
from chat.flows.switch_model import switch_model
from chat.models import Draft, Run
from chat.pages.failures import failure_of
from chat.relays import background
from playground import pricing
from playground.flows.add_models import add_models
from playground.flows.add_provider import add_provider
from playground.flows.set_extra_parameters import set_extra_parameters
from playground.models import Endpoint, Provider
from playground.parameters.form.body import BodyInvalid
from tests.chat.scripted_model import first_run, scripted_model, unsupported

EXTRA = {"min_p": 0.05, "repeat_penalty": 1.1}

pytestmark = pytest.mark.django_db


def run_with(workspace, user, endpoint, **parameters) -> Run:
    return start_conversation(workspace, user, "Hello", Choice(endpoint, parameters), uuid.uuid4())


@pytest.fixture
def url(conversation) -> str:
    return reverse("chat:configure", args=[conversation.code])


def posted(endpoint: Endpoint, extra: Any) -> dict[str, str]:
    text = extra if isinstance(extra, str) else json.dumps(extra)
    return {"endpoint": str(endpoint.pk), "p.=extra": text, "p.temperature": "0.5"}


def test_they_are_stored_with_the_conversation_and_shown_after_a_reload(
    client_for, alice, conversation, endpoint, url
):
    client = client_for(alice)
    client.post(url, posted(endpoint, EXTRA))

    conversation.refresh_from_db()
    assert conversation.parameters == {"temperature": 0.5, **EXTRA}
    page = client.get(reverse("chat:conversation", args=[conversation.code]))
    assert json.loads(page.context["form"].extra.entry.text) == EXTRA
    assert "&quot;min_p&quot;: 0.05" in page.content.decode()


def test_what_is_wrong_is_said_at_the_box_and_not_stored(client_for, alice, conversation, endpoint, url):
    before = conversation.parameters
    answer = client_for(alice).post(url, posted(endpoint, {"temperature": 1}))

    assert "“temperature” has a field of its own in this form." in answer.content.decode()
    assert 'id="p-=extra--error"' in answer.content.decode()
    conversation.refresh_from_db()
    assert conversation.parameters == before


def test_a_prompt_is_refused_with_a_way_to_the_box(client_for, alice, conversation, endpoint):
    data = {**posted(endpoint, "{"), "text": "Hi", "idempotency_key": str(uuid.uuid4())}
    answer = client_for(alice).post(
        reverse("chat:send", args=[conversation.code]), data, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 422
    assert 'data-show-parameter="p-=extra"' in answer.content.decode()
    assert conversation.runs.count() == 1


def test_the_providers_come_first_then_the_forms_then_the_box(alice, workspace, endpoint):
    set_extra_parameters(
        workspace, endpoint.model.provider, {"min_p": 0.5, "top_k": 1, "temperature": 2}, actor=alice
    )

    run = run_with(workspace, alice, endpoint, temperature=1, min_p=0.05)

    sent = {name: value for name, value in run.body.items() if name in ("min_p", "top_k", "temperature")}
    assert sent == {"min_p": 0.05, "top_k": 1, "temperature": 1}
    assert list(sent) == ["min_p", "top_k", "temperature"]
    assert run.parameters == {"temperature": 1, "min_p": 0.05}
    assert run.thread.parameters == {"temperature": 1, "min_p": 0.05}


@pytest.mark.parametrize(
    ("own", "is_the_admins"),
    [({}, True), ({"top_p": 0.5}, True), ({"temperature": 8}, False)],
)
def test_a_value_that_the_schema_refuses_names_who_set_it(alice, workspace, endpoint, own, is_the_admins):
    set_extra_parameters(workspace, endpoint.model.provider, {"temperature": 9}, actor=alice)

    with pytest.raises(BodyInvalid) as refusal:
        run_with(workspace, alice, endpoint, **own)

    [(place, message)] = refusal.value.errors
    assert place == "temperature"
    assert ("It is set for all models of" in message) is is_the_admins


def test_those_of_another_workspace_do_not_apply(alice, carol, workspace, endpoint):
    theirs = carol.memberships.get().workspace
    set_extra_parameters(theirs, endpoint.model.provider, EXTRA, actor=carol)

    assert "min_p" not in run_with(workspace, alice, endpoint).body


def test_an_answer_again_keeps_them(alice, workspace, conversation, endpoint):
    select_model(conversation, alice, endpoint, EXTRA)
    choice = Choice(endpoint, conversation.parameters)
    run = regenerate_answer(conversation.head, alice, choice, uuid.uuid4())

    assert EXTRA.items() <= run.body.items()


@pytest.mark.parametrize("where", ["box", "provider"])
@pytest.mark.parametrize(
    "extra",
    [
        {"n_predict": 50_000},
        {"num_predict": 50_000},
        {"max_new_tokens": 50_000},
        {"maxOutputTokens": 50_000},
        {"MaxOutputTokens": "50000"},
        {"Max_New_Tokens": 50_000},
        {"options": {"num_predict": 50_000}},
        {"OPTIONS": {"NUM_PREDICT": 50_000}},
        {"generation_config": {"max_new_tokens": 5_000, "num_return_sequences": 10}},
    ],
)
def test_a_length_counts_for_limits_wherever_it_is_set(alice, workspace, endpoint, monkeypatch, extra, where):
    estimates = []
    estimate = pricing.estimate

    def noting(*arguments):
        estimates.append(estimate(*arguments))
        return estimates[-1]

    monkeypatch.setattr(pricing, "estimate", noting)
    endpoint.model.output_max = None
    if where == "provider":
        set_extra_parameters(workspace, endpoint.model.provider, extra, actor=alice)
    run_with(workspace, alice, endpoint, max_tokens=10, **(extra if where == "box" else {}))

    assert estimates[0].tokens >= 50_000


@pytest.fixture
def other_model(alice, workspace) -> Endpoint:
    """A model of another provider, with the generic schema."""
    provider = add_provider(workspace, "Other", "https://o.example.org/v1", needs_key=False, actor=alice)
    add_models(provider, ["theirs"], actor=alice)
    return Endpoint.objects.select_related("model__provider").get(model__provider=provider)


def test_they_go_along_to_models_of_the_same_provider_and_wait_for_it_elsewhere(
    alice, workspace, endpoint, other_model
):
    draft = Draft.objects.create(user=alice, workspace=workspace)
    sibling = Endpoint.objects.select_related("model__provider").get(model__model_id="demo/markdown")
    select_model(draft, alice, endpoint, {"temperature": 0.5, **EXTRA})

    switch_model(draft, alice, sibling)
    assert draft.parameters == {"temperature": 0.5, **EXTRA}

    carried = switch_model(draft, alice, other_model)
    assert draft.parameters == {"temperature": 0.5}
    assert {each.name for each in carried.dropped} == set(EXTRA)

    switch_model(draft, alice, sibling)
    assert draft.parameters == {"temperature": 0.5, **EXTRA}
    draft.refresh_from_db()
    assert draft.parameters == {"temperature": 0.5, **EXTRA}


@pytest.fixture
def refusing(transactional_db, catalogue, demo, monkeypatch):
    return scripted_model(demo, monkeypatch, lambda reply, body: unsupported("min_p"))


async def relayed(relays, run: Run) -> Run:
    background.start(run)
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await asyncio.gather(*relays.tasks())
    await sync_to_async(run.refresh_from_db)()
    return run


async def test_a_refusal_points_at_the_box(relays, refusing, workspace, alice):
    run = await relayed(
        relays, await sync_to_async(first_run)(workspace, alice, refusing, min_p=0.1, top_p=1)
    )

    failure = failure_of(run)
    assert failure is not None
    assert failure.is_extra
    assert [suggestion.names for suggestion in failure.suggestions] == [("min_p",)]
    again = await sync_to_async(retry_without)(run, alice, ["min_p"], refusing, uuid.uuid4())
    assert "min_p" not in again.body
    assert again.body["top_p"] == 1


async def test_a_refusal_of_what_an_admin_set_names_the_page(relays, refusing, workspace, alice):
    provider = await Provider.objects.aget(models=refusing.model)
    await sync_to_async(set_extra_parameters)(workspace, provider, {"min_p": 0.1}, actor=alice)
    run = await relayed(relays, await sync_to_async(first_run)(workspace, alice, refusing))

    failure = failure_of(run)
    assert failure is not None
    assert not failure.is_extra
    assert failure.suggestions == ()
    assert failure.hint.startswith(f"min_p is set for all models of {provider.name}")
