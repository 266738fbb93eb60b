"""Runs without a conversation: opened, relayed, stopped, reaped and read like others."""

from __future__ import annotations

import base64
import io
import uuid
from datetime import timedelta
from functools import partial

import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.timezone import now
from PIL import Image

from accounts import ledger
from accounts.exceptions import LimitReached
from accounts.models import Hold, LedgerEntry, Limit, User, Workspace
from chat.flows.build_request import Choice, write_request
from chat.flows.claim_runs import claim_runs
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.open_run import open_single_run
from chat.flows.reap_runs import reap_runs
from chat.flows.run_idempotently import Submission, run_idempotently
from chat.flows.stop_run import stop_run
from chat.flows.sweep_files import UNSENT_FOR, sweep_files
from chat.live import broadcast
from chat.live.merging import merge
from chat.models import Conversation, Message, Run, RunChunk, StoredFile
from chat.relays import background
from chat.templatetags.chat_runs import with_conversations
from playground.demo.replies import Reply
from playground.demo.steps import json_response
from playground.flows.set_places import set_places
from playground.models import Endpoint
from playground.upstream.answer import Answer
from playground.upstream.dialects.shared.transcript import Role, Text, Turn
from playground.upstream.events import Finished, ImageReceived, TextDelta
from tests.chat.scripted_model import first_run, scripted_model

pytestmark = [pytest.mark.django_db(transaction=True)]


def open_single(workspace: Workspace, user: User, endpoint: Endpoint, key: uuid.UUID | None = None) -> Run:
    choice = Choice(endpoint, {})
    request = write_request(choice, workspace.pk, (Turn(Role.USER, (Text("Say hello"),)),))
    submission = Submission.of(key or uuid.uuid4(), "single", request.body)
    act = partial(open_single_run, workspace, user, choice, request, submission)
    return run_idempotently(user, submission, act)


@pytest.fixture
def single_run(workspace, alice, endpoint) -> Run:
    return open_single(workspace, alice, endpoint)


@pytest.fixture
def running_single_run(single_run: Run) -> Run:
    Run.objects.filter(pk=single_run.pk).update(
        status=Run.Status.RUNNING,
        lease_owner="another process",
        lease_expires_at=now() + timedelta(seconds=60),
        fence=1,
        started_at=now(),
    )
    single_run.refresh_from_db()
    return single_run


def answer_of(*events) -> Answer:
    answer = Answer()
    for event in events:
        answer.apply(event)
    return answer


class Reader:
    def __init__(self) -> None:
        self.wakes = 0

    def wake(self) -> None:
        self.wakes += 1


async def relayed(relays, run: Run) -> Run:
    background.start(run)
    while await Run.objects.filter(pk=run.pk, status__in=Run.LIVE).aexists():
        for task in relays.tasks():
            await task
        await sync_to_async(lambda: None)()
    return await Run.objects.aget(pk=run.pk)


async def test_it_is_relayed_to_its_end(relays, demo, workspace, alice, endpoint, client_for):
    run = await sync_to_async(open_single)(workspace, alice, endpoint)
    assert await Hold.objects.filter(run_code=run.code, state=Hold.State.OPEN).aexists()
    reader = Reader()
    broadcast.watch(broadcast.run_topic(run.code), reader)

    run = await relayed(relays, run)

    broadcast.unwatch(broadcast.run_topic(run.code), reader)
    assert run.status == Run.Status.FINISHED
    assert run.result is not None
    assert run.result["text"]
    assert set(run.result) == {"text", "reasoning", "data"}
    assert (await LedgerEntry.objects.aget(run_code=run.code)).output_tokens == run.output_tokens
    assert reader.wakes >= 2, "at the start and at the end"
    assert demo.requests[-1].body["messages"][-1]["content"] == "Say hello"
    assert not await Message.objects.aexists()
    assert not await Conversation.objects.aexists()
    assert await sync_to_async(ledger.audit)() == []


async def test_a_failure_releases_its_hold(relays, demo, monkeypatch, workspace, alice, catalogue):
    def play(reply: Reply, body):
        return json_response(400, {"error": {"message": "No."}})

    endpoint = await sync_to_async(scripted_model)(demo, monkeypatch, play)
    run = await relayed(relays, await sync_to_async(open_single)(workspace, alice, endpoint))

    assert run.status == Run.Status.FAILED
    assert run.result == {"text": "", "reasoning": "", "data": {}}
    assert (await Hold.objects.aget(run_code=run.code)).state == Hold.State.RELEASED
    assert await sync_to_async(ledger.audit)() == []


async def test_a_stop_keeps_what_came(relays, demo, workspace, alice, endpoint, client_for):
    gate = demo.hold_after(5)
    run = await sync_to_async(open_single)(workspace, alice, endpoint)
    background.start(run)
    assert await sync_to_async(gate.reached.wait)(10)
    client = await sync_to_async(client_for)(alice)

    response = await sync_to_async(client.post)(reverse("chat:stop", args=[run.code]))
    assert response.status_code == 204
    for task in relays.tasks():
        await task
    gate.release()

    await run.arefresh_from_db()
    assert run.status == Run.Status.STOPPED
    assert run.result is not None
    assert run.result["text"]
    assert await sync_to_async(ledger.audit)() == []


@pytest.mark.usefixtures("books_agree")
def test_a_queued_one_is_stopped_at_once(single_run, alice):
    stop_run(single_run, alice)

    single_run.refresh_from_db()
    assert single_run.status == Run.Status.STOPPED
    assert single_run.result == {"text": "", "reasoning": "", "data": {}}
    assert Hold.objects.get(run_code=single_run.code).state == Hold.State.RELEASED


@pytest.mark.usefixtures("books_agree")
def test_the_reaper_ends_it_with_its_log(running_single_run):
    RunChunk.objects.create(run=running_single_run, seq=1, events=merge([TextDelta("Hel")]))
    Run.objects.update(lease_expires_at=now() - timedelta(seconds=1))

    assert reap_runs() == 1

    running_single_run.refresh_from_db()
    assert running_single_run.status == Run.Status.INTERRUPTED
    assert running_single_run.result == {"text": "Hel", "reasoning": "", "data": {}}
    assert Hold.objects.get(run_code=running_single_run.code).state == Hold.State.SETTLED
    assert not RunChunk.objects.exists()


@pytest.mark.usefixtures("books_agree")
def test_it_competes_for_the_places_of_its_workspace(single_run, queued_run, workspace, alice, endpoint):
    set_places(workspace, endpoint.model.provider, 1, actor=alice)

    result = claim_runs("us", 9, [queued_run.pk, single_run.pk])

    assert [run.pk for run in result.claimed] == [single_run.pk]
    assert result.queue_positions == {queued_run.code: 0}


def test_an_empty_conversation_is_not_taken_to_wait_for_it(
    single_run, workspace, alice, endpoint, client_for
):
    """The first prompt has no message before it, as the single run has no answer."""
    run = first_run(workspace, alice, endpoint)
    assert run.is_live
    Conversation.objects.update(head=None)
    page = client_for(alice).get(reverse("chat:conversation", args=[run.thread.code]))
    assert page.context["live_run"] == ""


def test_the_same_key_is_the_same_run(workspace, alice, endpoint):
    key = uuid.uuid4()
    assert open_single(workspace, alice, endpoint, key).pk == open_single(workspace, alice, endpoint, key).pk
    assert Hold.objects.count() == 1


def test_a_limit_refuses_it(workspace, alice, endpoint):
    Limit.objects.create(workspace=workspace, member=alice, unit="tokens", period="day", amount=1)

    with pytest.raises(LimitReached):
        open_single(workspace, alice, endpoint)
    assert not Run.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("alice", 200), ("ada", 404), ("carol", 404)])
def test_only_its_user_may_read_it(running_single_run, who, status, request, client_for):
    """Ada is an admin of the workspace; Carol belongs to another one."""
    client = client_for(request.getfixturevalue(who))

    page = client.get(reverse("chat:exchanges", args=[running_single_run.code]))

    assert page.status_code == status
    if status == 404:
        assert client.post(reverse("chat:stop", args=[running_single_run.code])).status_code == 404
        running_single_run.refresh_from_db()
        assert not running_single_run.stop_requested
    else:
        assert "settings-back" not in page.content.decode()


def test_a_former_member_cannot_read_it(running_single_run, alice, client_for):
    alice.memberships.all().delete()
    page = client_for(alice).get(reverse("chat:exchanges", args=[running_single_run.code]))
    assert page.status_code == 404


def test_the_usage_page_links_it_for_its_user_alone(running_single_run, workspace, alice, ada):
    outcome = Outcome(Run.Status.FINISHED, answer_of(TextDelta("Hi"), Finished("stop")))
    assert finish_run(running_single_run, outcome, fence=1)
    today = running_single_run.created_at.date()
    rows = ledger.runs(ledger.Days(workspace, today, today), "").rows
    (hers,), (others,) = (with_conversations(user.memberships.get(), rows) for user in (alice, ada))
    assert (hers.is_readable, hers.conversation, hers.why) == (True, None, "None")
    assert (others.is_readable, others.conversation, others.why) == (False, None, "None")


def test_its_pictures_are_files_of_the_run(running_single_run, alice, ada, client_for, tmp_path, monkeypatch):
    target = io.BytesIO()
    Image.new("RGB", (6, 4), "teal").save(target, "PNG")
    drawn = ImageReceived(data=base64.b64encode(target.getvalue()).decode(), media_type="image/png")

    assert finish_run(
        running_single_run, Outcome(Run.Status.FINISHED, answer_of(drawn, Finished("stop"))), fence=1
    )

    running_single_run.refresh_from_db()
    file = StoredFile.objects.get(run=running_single_run)
    assert running_single_run.result is not None
    assert running_single_run.result["data"]["images"][0]["file"] == str(file.code)
    url = reverse("chat:file", args=[file.code])
    assert client_for(alice).get(url).status_code == 200
    assert client_for(ada).get(url).status_code == 404
    StoredFile.objects.update(created_at=now() - 2 * UNSENT_FOR)
    assert sweep_files() == 0
    running_single_run.delete()
    assert not StoredFile.objects.exists()


def test_a_run_has_a_conversation_and_an_answer_or_neither(queued_run):
    for half in ({"answer": None}, {"conversation": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Run.objects.filter(pk=queued_run.pk).update(**half)


def test_it_has_no_thread(single_run):
    assert single_run.conversation_code is None
    with pytest.raises(Conversation.DoesNotExist):
        _ = single_run.thread
    with pytest.raises(Message.DoesNotExist):
        _ = single_run.message
