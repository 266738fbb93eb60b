"""Background answers: fetched until they end, by whichever process has the run; cancelled when stopped."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils.timezone import now

from chat.flows import follow_background
from chat.flows.build_request import Choice
from chat.flows.reap_runs import reap_runs
from chat.flows.send_prompt import start_conversation
from chat.flows.stop_run import stop_run
from chat.live.merging import merge
from chat.live.run import LiveRun
from chat.models import Run
from chat.pages.receipt import live_receipt
from chat.relays import background
from chat.relays.supervisor import Supervisor
from playground import clients
from playground.demo.api import Api, HttpRequest
from playground.demo.steps import Write
from playground.models import Endpoint
from playground.upstream.answer import Answer
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import (
    Awaited,
    Event,
    Failed,
    Finished,
    Identified,
    Reached,
    StartedOver,
    TextDelta,
    decode_events,
)
from playground.upstream.reading import AnswerReader
from playground.upstream.transport.client import StreamRequest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(follow_background, "pause", lambda _: asyncio.sleep(0.01))


@pytest.fixture
def opened(workspace, alice, catalogue):
    def open_(*, is_streamed: bool = False) -> Run:
        endpoint = Endpoint.objects.select_related("model__provider").get(
            model__model_id="demo/polyglot", kind="responses"
        )
        choice = Choice(endpoint, {"background": True, "temperature": 0}, is_streamed)
        return start_conversation(workspace, alice, "Why do cats purr?", choice, uuid.uuid4())

    return sync_to_async(open_)


async def ended(run: Run, supervisor: Supervisor) -> Run:
    async with asyncio.timeout(20):
        while (await Run.objects.aget(pk=run.pk)).is_live:  # noqa: ASYNC110 - a row has no event
            await asyncio.sleep(0.02)
        await asyncio.gather(*supervisor.tasks())
    return await Run.objects.select_related("answer").aget(pk=run.pk)


async def until(look) -> None:
    async with asyncio.timeout(20):
        while not await look():  # noqa: ASYNC110 - a row has no event
            await asyncio.sleep(0.02)


def sent(demo) -> list[tuple[str, str]]:
    return [(each.request.method, each.path.removeprefix("/v1")) for each in demo.requests]


async def test_the_answer_is_fetched_until_it_ends(opened, relays, demo):
    run = await opened()
    background.start(run)
    run = await ended(run, relays)
    assert run.status == Run.Status.FINISHED, run.error
    path = f"/responses/{run.background_id}"
    assert sent(demo) == [("POST", "/responses"), *[("GET", path)] * 3]
    assert demo.requests[-1].headers.get("authorization") == demo.requests[0].headers.get("authorization")
    assert run.message.text.endswith("You asked at `/v1/responses`, with 1 message.")
    assert run.output_tokens and run.credits and not run.is_cost_estimated and not run.is_truncated
    # Only the last look is kept.
    assert [each.method async for each in run.exchanges.order_by("number")] == ["POST", "GET"]


async def test_a_background_answer_that_streams_to_its_end_is_not_fetched(opened, relays, demo):
    run = await opened(is_streamed=True)
    background.start(run)
    run = await ended(run, relays)
    assert (run.status, sent(demo)) == (Run.Status.FINISHED, [("POST", "/responses")])


async def test_another_process_goes_on_after_this_one_shuts_down(opened, relays, demo):
    gate = demo.hold_after(8)
    run = await opened(is_streamed=True)
    background.start(run)
    await until(Run.objects.filter(pk=run.pk, chunks__isnull=False).exclude(background_id="").aexists)
    await relays.drain()
    left = await Run.objects.aget(pk=run.pk)
    assert (left.status, left.lease_owner) == (Run.Status.QUEUED, "")
    gate.release()

    other = Supervisor(asyncio.get_running_loop())
    other.begin()
    run = await ended(run, other)
    await other.drain()
    assert run.status == Run.Status.FINISHED, run.error
    # All of the text, and nothing of the beginning twice.
    assert run.message.text.count("I thought about it for") == 1
    assert run.message.text.endswith("with 1 message.")
    assert sent(demo)[-1] == ("GET", f"/responses/{run.background_id}")
    assert (await Run.objects.aget(pk=run.pk)).started_at == left.started_at


def streams(demo) -> list[str]:
    """Return the queries of the streams that were continued."""
    return [each.request.query for each in demo.requests if each.request.query]


@pytest.mark.parametrize(
    ("cuts", "can_continue", "after"),
    [
        # Each connection goes on after the event before its cut; events are counted from 0.
        ([1], True, [0]),
        ([9, 5, 1], True, [8, 13, 14]),
        # Where the server continues nothing, the answer is fetched whole.
        ([9], False, [8]),
    ],
)
async def test_a_broken_stream_goes_on_where_it_broke(cuts, can_continue, after, opened, relays, demo):
    demo.api.background.cuts = list(cuts)
    demo.api.background.can_continue = can_continue
    run = await opened(is_streamed=True)
    background.start(run)
    run = await ended(run, relays)
    demo.api.background.can_continue = True
    assert run.status == Run.Status.FINISHED, run.error
    assert streams(demo) == [f"stream=true&starting_after={number}" for number in after]
    assert run.message.text.count("I thought about it for") == 1
    assert run.message.text.endswith("with 1 message.")
    assert run.output_tokens and run.credits
    # The end was fetched, and nothing was asked twice.
    assert sent(demo)[0][0] == "POST"
    assert {method for method, _ in sent(demo)[1:]} == {"GET"}


async def test_the_words_of_two_connections_are_those_of_one(monkeypatch):
    """Cut a stream after each of its events and continue it: no word is missing, and none comes twice."""
    body = {"model": "demo/polyglot", "input": "Why do cats purr?", "stream": True, "background": True}
    asked = json.dumps({**body, "temperature": 0, "reasoning": {"effort": "low"}}).encode()
    steps = Api(rate=0).respond(HttpRequest("POST", "/v1/responses", {}, asked))
    whole = [step.data for step in steps if isinstance(step, Write)]
    expected = answer_of(read(whole))
    assert expected.text and expected.reasoning and len(whole) > 100

    class Client:
        async def stream(self, call, recording):
            yield read(whole[int(call.path.rpartition("=")[2]) + 1 :], is_continued=True)

    monkeypatch.setattr(clients, "upstream_client", Client)
    request = StreamRequest("http://demo.example/v1", "responses", {})
    run = Run(background_id="resp_1", endpoint_kind="responses")
    for cut in range(1, len(whole)):
        live = LiveRun(1, uuid.uuid4(), None)
        live.apply(read(whole[:cut]))
        async for events in follow_background.continued(run, live, request, lambda: None):
            live.apply(events)
        said = live.answer.text, live.answer.reasoning
        assert said == (expected.text, expected.reasoning), cut


def answer_of(events: list[Event]) -> Answer:
    answer = Answer()
    for event in events:
        answer.apply(event)
    return answer


def read(pieces: list[bytes], *, is_continued: bool = False) -> list[Event]:
    headers = {"content-type": "text/event-stream"}
    reader = AnswerReader("responses", 200, headers, is_numbered=True, is_continued=is_continued)
    return [*reader.feed(b"".join(pieces)), *reader.close()] if pieces else []


def test_the_log_keeps_the_number_of_the_last_event():
    events: list[Event] = [Reached(0, 3), TextDelta("One "), Reached(4, 4), TextDelta("two")]
    assert decode_events(merge(events)) == [TextDelta("One two"), Reached(4, 4)]
    live = LiveRun(1, uuid.uuid4(), None)
    live.apply([*events, StartedOver()])
    assert live.answer.reached is None


def test_the_reaper_leaves_a_background_answer_to_the_next_process(running_run):
    long_ago = now() - timedelta(minutes=9)
    Run.objects.filter(pk=running_run.pk).update(background_id="resp_1", lease_expires_at=long_ago)
    assert reap_runs() == 0
    running_run.refresh_from_db()
    assert (running_run.status, running_run.lease_owner) == (Run.Status.QUEUED, "")
    assert running_run.lease_expires_at > now()
    # Stop cannot end it here: it has to be cancelled where it is written.
    stop_run(running_run, running_run.user)
    running_run.refresh_from_db()
    assert (running_run.status, running_run.stop_requested) == (Run.Status.QUEUED, True)


@pytest.mark.parametrize("is_queued", [True, False])
async def test_stop_cancels_it_at_the_provider(is_queued, opened, relays, demo):
    demo.api.background.looks = 10_000
    run = await opened()
    background.start(run)
    await until(lambda: Run.objects.filter(pk=run.pk).exclude(background_id="").aexists())
    supervisor = relays
    if is_queued:
        await relays.drain()
        await sync_to_async(stop_run)(run, run.user)
        supervisor = Supervisor(asyncio.get_running_loop())
        supervisor.begin()
    else:
        await sync_to_async(stop_run)(run, run.user)
        background.stop(run)
    run = await ended(run, supervisor)
    if is_queued:
        await supervisor.drain()
    demo.api.background.looks = 1
    assert run.status == Run.Status.STOPPED
    assert sent(demo)[-1] == ("POST", f"/responses/{run.background_id}/cancel")


async def test_an_answer_that_the_provider_dropped_fails_with_what_came(opened, relays, demo):
    demo.api.background.looks = 10_000
    run = await opened()
    background.start(run)
    await until(lambda: Run.objects.filter(pk=run.pk).exclude(background_id="").aexists())
    demo.api.background.forget()
    run = await ended(run, relays)
    demo.api.background.looks = 1
    assert (run.status, (run.error or {})["message"]) == (Run.Status.FAILED, follow_background.EXPIRED)
    # It was not asked a second time: the first answer may be paid for.
    assert [each for each in sent(demo) if each[0] == "POST"] == [("POST", "/responses")]


ID = Identified(response_id="resp_1")
BUSY = Failed(FailureKind.OVERLOADED, "Busy.", 503)
CUT = Failed(FailureKind.CUT, "Cut.")
OWN = Failed(FailureKind.SERVER, "It failed.", 500)
WHOLE = [ID, TextDelta("Whole"), Finished("completed")]
WRONG_KEY = Failed(FailureKind.UNAUTHORISED, "No.", 401)


@pytest.mark.parametrize(
    ("looks", "text", "failure"),
    [
        (
            [[BUSY], [CUT], [ID, Awaited("queued")], [BUSY], WHOLE],
            "Whole",
            None,
        ),
        ([[CUT], [WRONG_KEY]], "Part", WRONG_KEY),
        # The answer itself failed: looking again would not help.
        ([[ID, OWN]], "Part", OWN),
        ([[ID, Finished("cancelled")]], "Part", None),
        ([[BUSY]] * 99, "Part", BUSY),
    ],
)
async def test_a_look_that_fails_is_repeated_unless_the_answer_failed(looks, text, failure, monkeypatch):
    async def look(*_):
        return looks.pop(0)

    monkeypatch.setattr(follow_background, "_look", look)
    run, live = Run(background_id="resp_1", endpoint_kind="responses"), LiveRun(1, uuid.uuid4(), None)
    live.apply([TextDelta("Part")])
    request = StreamRequest("http://demo.example/v1", "responses", {})
    async for events in follow_background.fetched(run, live, request, lambda: None):
        live.apply(events)
    assert (live.answer.text, live.answer.failure) == (text, failure)
    assert live.text_html.blocks or live.text_html.open_end().html


@pytest.mark.parametrize(
    ("response_id", "found"),
    [
        ("resp_68-a", "resp_68-a"),
        ("../billing", ""),
        ("a/b", ""),
        ("a?b", ""),
        ("", ""),
        ("x" * 201, ""),
        ("a%2f", ""),
    ],
)
def test_an_id_that_is_no_part_of_an_address_is_not_used(response_id, found):
    assert follow_background._id_in([Identified(response_id=response_id)]) == found


def test_the_page_names_the_state_at_the_provider():
    live = LiveRun(1, uuid.uuid4(), None)
    live.apply([Awaited("queued")])
    assert "queue" in live_receipt(live).state
    live.apply([Awaited("in_progress")])
    assert "background" in live_receipt(live).state
