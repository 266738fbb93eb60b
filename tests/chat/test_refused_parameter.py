"""An upstream refuses a parameter: the answer says which, and one click asks again without it."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse

from accounts import ledger
from accounts.models import Hold, Limit
from chat.flows import end_relay
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.stop_run import stop_run
from chat.models import Access, Run
from chat.pages.failures import failure_of
from chat.relays import background
from playground.demo.answers import ScriptedAnswer
from playground.demo.steps import event, json_response
from playground.models import RefusedParameter
from playground.parameters.schema.request_schema import digest_of
from playground.upstream import answer
from tests.chat.scripted_model import first_run, scripted_model, unsupported

ONLY_DEFAULT = "'temperature' does not support 0.5 with this model. Only the default (1) value is supported."


async def relayed(relays, run: Run) -> Run:
    background.start(run)
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await asyncio.gather(*relays.tasks())
    await sync_to_async(run.refresh_from_db)()
    assert not await Hold.objects.filter(state=Hold.State.OPEN).aexists()
    assert await sync_to_async(ledger.audit)() == []
    return run


@pytest.fixture
def scripted(transactional_db, catalogue, demo, monkeypatch):
    return lambda play: scripted_model(demo, monkeypatch, play)


@pytest.fixture
def refused_by(scripted, workspace, alice):
    """The run of a prompt that an upstream answers with ``error``, not relayed yet."""

    def make(error: Any, status: int = 400, **parameters: Any) -> Run:
        endpoint = scripted(lambda reply, body: json_response(status, error))
        return first_run(workspace, alice, endpoint, **parameters)

    return make


def openai(message: str, param: str, code: str) -> dict[str, Any]:
    return {"error": {"message": message, "param": param, "code": code}}


async def test_the_run_keeps_what_was_refused_and_the_model_too(relays, refused_by, workspace):
    error = openai("Unsupported parameter: 'top_p'.", "top_p", "unsupported_parameter")
    run = await relayed(relays, await sync_to_async(refused_by)(error, temperature=0.5, top_p=0.9))

    assert run.status == Run.Status.FAILED
    assert run.error is not None
    assert run.error["refused"] == [
        {"name": "top_p", "why": "parameter", "words": "Unsupported parameter: 'top_p'."}
    ]
    [kept] = [row async for row in RefusedParameter.objects.all()]
    assert (kept.workspace_id, kept.endpoint_id, kept.name, kept.message) == (
        workspace.pk,
        run.endpoint_id,
        "top_p",
        "Unsupported parameter: 'top_p'.",
    )
    failure = failure_of(run)
    assert failure is not None
    assert (failure.title, failure.quotes) == (
        "Built-in demo refused top_p",
        ("Unsupported parameter: 'top_p'.",),
    )
    assert [suggestion.label for suggestion in failure.suggestions] == ["Send again without top_p"]


@pytest.mark.parametrize(
    ("words", "parameters", "title", "labels", "is_kept"),
    [
        (
            "Invalid 'temperature': decimal above maximum value.",
            {"temperature": 1.5},
            "Built-in demo refused the value of temperature",
            ["Send again without temperature"],
            False,
        ),
        (
            ONLY_DEFAULT,
            {"temperature": 0.5},
            "Built-in demo refused the value of temperature",
            ["Send again without temperature"],
            True,
        ),
        (
            "`temperature` and `top_p` cannot both be specified for this model.",
            {"temperature": 0.5, "top_p": 0.5},
            "Built-in demo does not accept temperature and top_p together",
            ["Send again without temperature", "Send again without top_p"],
            False,
        ),
        (
            "Unrecognized request arguments supplied: temperature, top_p",
            {"temperature": 0.5, "top_p": 0.5},
            "Built-in demo refused temperature and top_p",
            ["Send again without temperature and top_p"],
            True,
        ),
    ],
)
async def test_it_says_what_was_wrong(relays, refused_by, words, parameters, title, labels, is_kept):
    run = await relayed(relays, await sync_to_async(refused_by)({"message": words}, **parameters))

    failure = failure_of(run)
    assert failure is not None
    assert failure.title == title
    assert [suggestion.label for suggestion in failure.suggestions] == labels
    assert await RefusedParameter.objects.aexists() is is_kept


async def test_an_error_in_a_stream_before_the_first_word_counts_too(relays, scripted, workspace, alice):
    def play(reply, body):
        yield reply.head()
        yield event({"error": {"message": "`temperature` is deprecated for this model."}})

    endpoint = await sync_to_async(scripted)(play)
    run = await sync_to_async(first_run)(workspace, alice, endpoint, temperature=0.5)
    run = await relayed(relays, run)
    assert run.error is not None
    assert [refused["name"] for refused in run.error["refused"]] == ["temperature"]


@pytest.mark.parametrize("status", [401, 404, 500])
async def test_other_errors_blame_no_parameter(relays, refused_by, status):
    error = {"message": "Unsupported parameter: 'top_p'."}
    run = await relayed(relays, await sync_to_async(refused_by)(error, status, top_p=0.9))
    assert run.error is not None
    assert "refused" not in run.error
    assert not await RefusedParameter.objects.aexists()


async def test_an_endpoint_that_is_gone_by_then_does_no_harm(relays, scripted, workspace, alice, monkeypatch):
    def play(reply, body):
        return unsupported("top_p")

    endpoint = await sync_to_async(scripted)(play)
    run = await sync_to_async(first_run)(workspace, alice, endpoint, top_p=0.9)
    remember = vars(end_relay)["remember_refusals"]

    def too_late(workspace_id, kept, refusals):
        type(kept).objects.filter(pk=kept.pk).delete()
        remember(workspace_id, kept, refusals)

    monkeypatch.setattr(end_relay, "remember_refusals", too_late)
    run = await relayed(relays, run)
    assert run.status == Run.Status.FAILED
    assert not await RefusedParameter.objects.aexists()


async def test_what_we_add_ourselves_is_left_out_once_it_was_refused(
    relays, scripted, workspace, alice, demo
):
    def play(reply, body):
        return (
            unsupported("stream_options")
            if "stream_options" in body
            else reply.stream(ScriptedAnswer.of("Hello."))
        )

    def asks_for_figures():
        endpoint = scripted(play)
        properties = {**endpoint.request_schema["properties"], "stream_options": {"type": "object"}}
        endpoint.request_schema = {**endpoint.request_schema, "properties": properties}
        endpoint.schema_digest = digest_of(endpoint.request_schema)
        endpoint.save()
        return endpoint

    endpoint = await sync_to_async(asks_for_figures)()
    run = await relayed(relays, await sync_to_async(first_run)(workspace, alice, endpoint, top_p=0.9))
    failure = failure_of(run)
    assert failure is not None
    assert [suggestion.label for suggestion in failure.suggestions] == ["Send again without stream_options"]

    run = await relayed(relays, await sync_to_async(first_run)(workspace, alice, endpoint, top_p=0.9))
    assert run.status == Run.Status.FINISHED
    assert demo.requests[-1].body["top_p"] == 0.9


async def test_what_one_workspace_was_told_no_other_reads_or_feels(
    relays, scripted, workspace, alice, carol, client_for
):
    words = "`top_p` and `stream_options` are not supported for organization acme-merger."

    def asks_for_figures():
        endpoint = scripted(lambda reply, body: json_response(400, {"message": words}))
        properties = {**endpoint.request_schema["properties"], "stream_options": {"type": "object"}}
        endpoint.request_schema = {**endpoint.request_schema, "properties": properties}
        endpoint.schema_digest = digest_of(endpoint.request_schema)
        endpoint.save()
        return endpoint

    endpoint = await sync_to_async(asks_for_figures)()
    await relayed(relays, await sync_to_async(first_run)(workspace, alice, endpoint, top_p=0.9))

    def look(user, workspace):
        client = client_for(user)
        chosen = {"endpoint": str(endpoint.pk), "p.top_p": "0.5"}
        client.post(reverse("chat:configure_new", args=[workspace.slug]), {"model": str(endpoint.model_id)})
        page = client.get(reverse("chat:new", args=[workspace.slug])).content.decode()
        report = client.post(reverse("chat:configure_new", args=[workspace.slug]), chosen).content.decode()
        run = first_run(workspace, user, endpoint)
        stop_run(run, run.thread.owner)
        return "acme-merger" in page, "acme-merger" in report, "stream_options" in run.body

    theirs = await sync_to_async(lambda: carol.memberships.get().workspace)()
    assert await sync_to_async(look)(alice, workspace) == (True, True, False)
    assert await sync_to_async(look)(carol, theirs) == (False, False, True)

    # The same refusal for both workspaces is stored in two rows.
    await relayed(relays, await sync_to_async(first_run)(theirs, carol, endpoint, top_p=0.9))
    assert await sync_to_async(look)(carol, theirs) == (True, True, False)


# --- the click ---


@pytest.fixture
def picky(scripted):
    """A model that refuses top_p, and answers without it."""

    def play(reply, body):
        return unsupported("top_p") if "top_p" in body else reply.stream(ScriptedAnswer.of("Hello there."))

    return scripted(play)


@pytest.fixture
def failed_run(db, catalogue, workspace, alice, picky):
    run = first_run(workspace, alice, picky, temperature=0.5, top_p=0.9)
    refused = [{"name": "top_p", "why": "parameter", "words": "No top_p here."}]
    error = {"kind": "bad_request", "message": "No.", "provider": "Built-in demo", "refused": refused}
    assert finish_run(run, Outcome(Run.Status.FAILED, answer.Answer(), error=error), fence=0)
    run.refresh_from_db()
    return run


@pytest.fixture
def started(monkeypatch) -> list[Run]:
    handed: list[Run] = []
    monkeypatch.setattr(background, "start", handed.append)
    return handed


def click(run: Run, names: str = "top_p", key: uuid.UUID | None = None) -> tuple[str, dict[str, str]]:
    url = reverse("chat:retry_without", args=[run.message.code])
    return url, {"without": names, "idempotency_key": str(key or uuid.uuid4())}


def test_the_page_offers_it(failed_run, alice, client_for):
    page = client_for(alice).get(reverse("chat:conversation", args=[failed_run.conversation.code]))
    html = page.content.decode()
    assert "Built-in demo refused top_p" in html
    assert "No top_p here." in html
    assert "Send again without top_p" in html


def test_who_may_only_read_is_offered_nothing(failed_run, vera, client_for):
    conversation = failed_run.conversation
    conversation.workspace_access = Access.WRITE
    conversation.save()
    page = client_for(vera).get(reverse("chat:conversation", args=[conversation.code]))
    assert "Built-in demo refused top_p" in page.content.decode()
    assert "Send again without" not in page.content.decode()


def test_it_asks_again_without_and_drops_it_from_the_conversation(failed_run, alice, client_for, started):
    response = client_for(alice).post(*click(failed_run), headers={"HX-Request": "true"})

    assert response.status_code == 200
    [run] = started
    assert run.parameters == {"temperature": 0.5}
    assert "top_p" not in run.body
    assert run.answer.parent_id == failed_run.answer.parent_id
    conversation = failed_run.conversation
    conversation.refresh_from_db()
    assert conversation.parameters == {"temperature": 0.5}
    assert conversation.head == run.answer
    # The form shows the sent parameters, and the thread the new answer beside the old one.
    assert 'id="parameters" hx-swap-oob' in response.content.decode()
    assert "Version 2 of 2" in response.content.decode()


def test_what_was_turned_since_is_kept(failed_run, alice, client_for, started):
    conversation = failed_run.conversation
    conversation.parameters = {"temperature": 1.5, "top_p": 0.9, "max_tokens": 50}
    conversation.save()
    client_for(alice).post(*click(failed_run))
    assert started[0].parameters == {"temperature": 1.5, "max_tokens": 50}


def test_another_model_chosen_since_is_not_asked(failed_run, alice, client_for, started, endpoint):
    conversation = failed_run.conversation
    conversation.model, conversation.parameters = endpoint.model, {"seed": 3}
    conversation.save()
    client_for(alice).post(*click(failed_run))
    assert (started[0].model_id, started[0].parameters) == ("scripted/told", {"temperature": 0.5})


def test_the_same_click_twice_is_one_run(failed_run, alice, client_for, started):
    url, data = click(failed_run)
    for _ in range(2):
        assert client_for(alice).post(url, data).status_code == 200
    assert len({run.pk for run in started}) == 1
    assert failed_run.conversation.runs.count() == 2


@pytest.mark.parametrize("names", ["", "temperature", "model"])
def test_only_what_was_refused_can_be_dropped(failed_run, alice, client_for, started, names):
    response = client_for(alice).post(*click(failed_run, names))
    assert response.status_code == 422
    assert started == []


def test_a_model_that_is_gone_says_so(failed_run, alice, client_for, started):
    model = failed_run.endpoint.model
    model.is_enabled = False
    model.save()
    response = client_for(alice).post(*click(failed_run))
    assert response.status_code == 422
    assert f"{model.name} was removed from {model.provider}." in response.content.decode()
    assert started == []


def test_a_limit_that_is_reached_says_so(failed_run, alice, client_for, started, workspace):
    Limit.objects.create(workspace=workspace, unit="tokens", period="day", amount=1)
    response = client_for(alice).post(*click(failed_run))
    assert response.status_code == 422
    assert failed_run.conversation.runs.count() == 1


async def test_the_answer_arrives_without_it(relays, picky, workspace, alice, client_for):
    run = await sync_to_async(first_run)(workspace, alice, picky, top_p=0.9)
    run = await relayed(relays, run)
    assert run.status == Run.Status.FAILED

    def click_it():
        assert client_for(alice).post(*click(run)).status_code == 200
        return run.thread.runs.latest("pk")

    again = await sync_to_async(click_it)()
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await asyncio.gather(*relays.tasks())
    await sync_to_async(again.refresh_from_db)()
    assert again.status == Run.Status.FINISHED
