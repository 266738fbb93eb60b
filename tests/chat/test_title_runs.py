"""Titles by a model: opened after the first answer, booked like any run, given only if still due."""

from __future__ import annotations

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.urls import reverse
from django.utils.timezone import now

from accounts import ledger
from accounts.flows.save_key import save_key
from accounts.models import Hold, LedgerEntry, Limit, LimitWindow, Membership
from chat.access import get_run_for
from chat.flows.build_request import Choice
from chat.flows.claim_runs import claim_runs
from chat.flows.delete_conversation import delete_conversation
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.open_title_run import TITLE_TOKENS, TITLE_TOKENS_WITH_THOUGHTS, open_title_run
from chat.flows.purge_conversations import RESTORABLE_FOR, purge_conversations
from chat.flows.reap_runs import reap_runs
from chat.flows.regenerate_answer import regenerate_answer
from chat.flows.rename_conversation import rename_conversation
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.live.merging import merge
from chat.models import Conversation, Run, RunChunk, TitleSetting
from chat.relays import background
from chat.templatetags.chat_runs import with_conversations
from playground import pricing
from playground.demo.steps import json_response
from playground.models import Endpoint, ModelSetting, Provider, UpstreamModel
from playground.parameters.schema.request_schema import digest_of
from playground.upstream.answer import Answer
from playground.upstream.events import Finished, ReasoningDelta, TextDelta
from tests.chat.scripted_model import scripted_model

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]

PROMPT = "Please explain how tides work.\nIn two sentences."


def choose(workspace, model_id: str = "demo/plain") -> UpstreamModel:
    model = UpstreamModel.objects.get(model_id=model_id)
    TitleSetting.objects.update_or_create(workspace=workspace, defaults={"model": model})
    return model


@pytest.fixture
def chosen(workspace, catalogue) -> UpstreamModel:
    return choose(workspace)


def answer_of(*events) -> Answer:
    answer = Answer()
    for event in events:
        answer.apply(event)
    return answer


def finish(run: Run, text: str = "The moon pulls.", status: Run.Status = Run.Status.FINISHED) -> Run:
    run.refresh_from_db()
    events = [TextDelta(text)] if text else []
    assert finish_run(run, Outcome(status, answer_of(*events, Finished("stop"))), fence=run.fence)
    return run


def start(workspace, user, endpoint, prompt: str = PROMPT) -> Run:
    return start_conversation(workspace, user, prompt, Choice(endpoint, {}), uuid.uuid4())


@pytest.fixture
def answered(workspace, alice, endpoint, chosen) -> Run:
    """The first answer of a conversation of Alice's, whose title is still that of the prompt."""
    return finish(start(workspace, alice, endpoint))


@pytest.fixture
def title_run(answered) -> Run:
    run = open_title_run(answered.pk)
    assert run is not None
    return run


def title_of(run: Run) -> str:
    subject = run.subject
    assert subject is not None
    return Conversation.objects.get(pk=subject.pk).title


async def settled(relays) -> None:
    """Wait until no run is live and nothing is relayed."""
    while relays.tasks() or await Run.objects.filter(status__in=Run.LIVE).aexists():
        await asyncio.gather(*relays.tasks(), return_exceptions=True)
        await sync_to_async(lambda: None)()


async def test_it_is_made_after_the_first_answer_and_booked(
    relays, demo, workspace, alice, bob, endpoint, chosen, client_for
):
    run = await sync_to_async(start)(workspace, alice, endpoint)
    assert run.thread.title == "Please explain how tides work."
    background.start(run)
    await settled(relays)

    made = await Run.objects.aget(title_of=run.conversation_id)
    assert await sync_to_async(title_of)(made) == "Tides work"
    assert (made.status, made.conversation_id, made.user_id) == (Run.Status.FINISHED, None, alice.pk)
    sent = demo.requests[-1].body
    assert sent["max_tokens"] == TITLE_TOKENS
    assert "Please explain how tides work." in sent["messages"][0]["content"]
    entry = await LedgerEntry.objects.aget(run_code=made.code)
    assert (entry.user_id, entry.purpose, entry.model_id) == (alice.pk, "title", "demo/plain")
    assert entry.credits == made.credits
    assert entry.credits > 0
    folded = await Conversation.objects.values_list("folded_title", flat=True).aget()
    assert folded == "tides work"

    again = await sync_to_async(send_prompt)(run.thread, alice, "More", Choice(endpoint, {}), uuid.uuid4())
    background.start(again)
    await settled(relays)
    assert await Run.objects.filter(title_of__isnull=False).acount() == 1, "only the first answer"


async def test_without_a_choice_nothing_is_sent(relays, demo, workspace, alice, endpoint):
    background.start(await sync_to_async(start)(workspace, alice, endpoint))
    await settled(relays)
    assert len(demo.requests) == 1
    assert (await Conversation.objects.aget()).title == "Please explain how tides work."


async def test_a_failing_upstream_leaves_the_title_and_costs_nothing(
    relays, demo, monkeypatch, workspace, alice, endpoint
):
    asked = []

    def refuse(reply, body):
        asked.append(body)
        return json_response(400, {"error": {"message": "No."}})

    failing = await sync_to_async(scripted_model)(demo, monkeypatch, refuse)
    await sync_to_async(choose)(workspace, failing.model.model_id)
    run = await sync_to_async(start)(workspace, alice, endpoint)
    background.start(run)
    await settled(relays)

    made = await Run.objects.aget(title_of=run.conversation_id)
    assert made.status == Run.Status.FAILED
    assert len(asked) == 1
    assert await sync_to_async(title_of)(made) == "Please explain how tides work."
    assert (await Hold.objects.aget(run_code=made.code)).state == Hold.State.RELEASED
    assert await sync_to_async(open_title_run)(run.pk) is None, "it is not repeated"


@pytest.mark.parametrize("model_id", ["demo/reasoning", "demo/polyglot"])
def test_a_model_that_thinks_has_room_to(answered, workspace, model_id):
    choose(workspace, model_id)
    run = open_title_run(answered.pk)
    assert run is not None
    assert run.body["max_completion_tokens"] == TITLE_TOKENS_WITH_THOUGHTS


@pytest.mark.parametrize(
    ("events", "title"),
    [
        ([ReasoningDelta("Hm, tides …"), TextDelta('"The **moon** and\nus')], '"The moon and'),
        ([ReasoningDelta("Hm, tides …")], "Please explain how tides work."),
        ([TextDelta("\u202e<b>Tides</b>\u2066\n" + "x" * 9000)], "<b>Tides</b>"),
        ([TextDelta("***\n \n")], "Please explain how tides work."),
    ],
)
def test_the_text_after_the_thoughts_is_the_title(title_run, alice, client_for, events, title):
    assert finish_run(title_run, Outcome(Run.Status.FINISHED, answer_of(*events)), fence=0)
    assert title_of(title_run) == title
    page = client_for(alice).get(reverse("chat:conversation", args=[title_run.title_of.code]))
    assert "<b>Tides" not in page.content.decode()


@pytest.mark.parametrize("status", [Run.Status.STOPPED, Run.Status.FAILED, Run.Status.INTERRUPTED])
def test_half_a_title_is_none(title_run, status):
    finish(title_run, "Tides and", status)
    assert title_of(title_run) == "Please explain how tides work."


def test_a_title_that_a_person_chose_meanwhile_stays(title_run, alice):
    rename_conversation(title_run.title_of, alice, "Mine")
    finish(title_run, "Theirs")
    assert title_of(title_run) == "Mine"


def test_nothing_is_opened_once_a_person_chose_the_title(answered, alice):
    rename_conversation(answered.thread, alice, "Mine")
    assert open_title_run(answered.pk) is None
    assert not Run.objects.filter(title_of__isnull=False).exists()


def test_a_deleted_conversation_takes_it_along(title_run, alice, client_for):
    live = delete_conversation(title_run.title_of, alice)
    assert live == [title_run]
    title_run.refresh_from_db()
    assert title_run.status == Run.Status.STOPPED
    assert not finish_run(title_run, Outcome(Run.Status.FINISHED, answer_of(TextDelta("Late"))), fence=0)
    assert client_for(alice).get(reverse("chat:exchanges", args=[title_run.code])).status_code == 404
    Conversation.with_deleted.update(deleted_at=now() - 2 * RESTORABLE_FOR)
    assert purge_conversations() == 1
    assert not Run.objects.exists()


def test_a_conversation_deleted_before_is_left_alone(answered, alice, monkeypatch):
    from chat.flows import open_title_run as module

    def late(endpoint_for):
        def found(*args):
            delete_conversation(answered.thread, alice)
            return endpoint_for(*args)

        return found

    monkeypatch.setattr(module, "_endpoint_for", late(module._endpoint_for))
    assert open_title_run(answered.pk) is None
    assert not Run.objects.filter(title_of__isnull=False).exists()


def test_a_process_that_dies_leaves_no_hold_and_nothing_to_repeat(title_run, answered):
    assert [run.pk for run in claim_runs("a process that dies", 9, [title_run.pk]).claimed] == [title_run.pk]
    RunChunk.objects.create(run=title_run, seq=1, events=merge([TextDelta("Tides")]))
    Run.objects.update(lease_expires_at=now() - timedelta(seconds=1))
    assert reap_runs() == 1
    assert title_of(title_run) == "Please explain how tides work."
    assert not Hold.objects.filter(state=Hold.State.OPEN).exists()
    assert open_title_run(answered.pk) is None


async def test_one_that_waits_is_taken_by_the_next_process(relays, demo, answered):
    run = await sync_to_async(open_title_run)(answered.pk)
    assert run is not None
    await Run.objects.filter(pk=run.pk).aupdate(created_at=now() - timedelta(minutes=1))
    await settled(relays)
    assert await sync_to_async(title_of)(run) == "Tides work"


def at_once(act, times: int) -> list[object]:
    ready = Barrier(times)

    def one(number: int) -> object:
        try:
            ready.wait(20)
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_two_processes_open_one(answered):
    found = at_once(lambda _: open_title_run(answered.pk), 4)
    assert len([run for run in found if run]) == 1
    assert Run.objects.filter(title_of=answered.conversation_id).count() == 1


def test_twenty_at_once_with_room_for_six_open_six(workspace, alice, endpoint, chosen, monkeypatch):
    ended = [finish(start(workspace, alice, endpoint)) for _ in range(20)]
    monkeypatch.setattr(pricing, "estimate", lambda *_: pricing.Estimate(credits=75, tokens=10))
    limit = Limit.objects.create(workspace=workspace, unit="credits", period="day", amount=0)
    used = sum(LedgerEntry.objects.values_list("credits", flat=True))
    Limit.objects.filter(pk=limit.pk).update(amount=used + 500)

    opened = [run for run in at_once(lambda number: open_title_run(ended[number].pk), 20) if run]

    assert len(opened) == Run.objects.filter(title_of__isnull=False).count() == 6
    assert LimitWindow.objects.get(limit=limit).held == 450
    for run in opened:
        assert isinstance(run, Run)
        finish(run, "Tides")
    assert LimitWindow.objects.get(limit=limit).held == 0
    assert Conversation.objects.filter(title="Tides").count() == 6
    assert ledger.audit() == []


def off(workspace, alice, chosen):
    TitleSetting.objects.all().delete()


def no_room(workspace, alice, chosen):
    Limit.objects.create(workspace=workspace, member=alice, unit="requests", period="day", amount=1)


def no_key(workspace, alice, chosen):
    Provider.objects.filter(pk=chosen.provider_id).update(needs_key=True)


def switched_off(workspace, alice, chosen):
    ModelSetting.objects.create(workspace=workspace, model=chosen, is_enabled=False)


def for_owners_only(workspace, alice, chosen):
    ModelSetting.objects.create(workspace=workspace, model=chosen, lowest_role="owner")
    Membership.objects.filter(user=alice).update(role="member")


def a_viewer_now(workspace, alice, chosen):
    Membership.objects.filter(user=alice).update(role="viewer")


def gone(workspace, alice, chosen):
    Membership.objects.filter(user=alice).delete()


def no_endpoint(workspace, alice, chosen):
    Endpoint.objects.filter(model=chosen).update(is_enabled=False)


@pytest.mark.parametrize(
    "missing", [off, no_room, no_key, switched_off, for_owners_only, a_viewer_now, gone, no_endpoint]
)
def test_the_title_of_the_prompt_stays_where_something_is_missing(
    workspace, alice, answered, chosen, missing
):
    missing(workspace, alice, chosen)
    assert open_title_run(answered.pk) is None
    assert not Run.objects.filter(title_of__isnull=False).exists()
    assert title_of(answered) == "Please explain how tides work."


def test_a_key_of_their_own_or_of_the_workspace_will_do(workspace, alice, bob, endpoint, chosen):
    code = chosen.provider.code
    ended = [finish(start(workspace, user, endpoint)) for user in (alice, bob, bob)]
    no_key(workspace, alice, chosen)
    save_key(workspace, code, "sk-of-alice-alone", member=alice, actor=alice)
    assert open_title_run(ended[0].pk)
    assert open_title_run(ended[1].pk) is None
    save_key(workspace, code, "sk-of-the-workspace", member=None, actor=alice)
    assert open_title_run(ended[2].pk)


def test_the_first_answer_with_words_counts(workspace, alice, endpoint, chosen):
    failed = finish(start(workspace, alice, endpoint), "", Run.Status.FAILED)
    assert open_title_run(failed.pk) is None
    silent = finish(regenerate_answer(failed.message, alice, Choice(endpoint, {}), uuid.uuid4()), "")
    assert open_title_run(silent.pk) is None
    spoken = finish(regenerate_answer(silent.message, alice, Choice(endpoint, {}), uuid.uuid4()))
    later = finish(regenerate_answer(spoken.message, alice, Choice(endpoint, {}), uuid.uuid4()))
    assert open_title_run(later.pk) is None
    assert open_title_run(spoken.pk) is None, "another answer is there already"


def test_a_schema_that_takes_no_such_length_is_asked_without(answered, chosen):
    endpoint = Endpoint.objects.get(model=chosen, kind="chat/completions")
    endpoint.request_schema["properties"]["max_tokens"] = {"type": "integer", "enum": [7]}
    endpoint.schema_digest = digest_of(endpoint.request_schema)
    endpoint.save()
    run = open_title_run(answered.pk)
    assert run is not None
    assert "max_tokens" not in run.body


@pytest.mark.parametrize(
    ("names", "sent"),
    [
        (["max_tokens", "max_completion_tokens"], "max_completion_tokens"),
        (["min_tokens", "max_tokens"], "max_tokens"),
        (["min_tokens"], None),
    ],
)
def test_the_first_name_for_a_length_is_sent_alone(answered, chosen, names, sent):
    endpoint = Endpoint.objects.get(model=chosen, kind="chat/completions")
    length = {"type": "integer", "minimum": 1}
    properties = endpoint.request_schema["properties"]
    properties.pop("max_tokens")
    properties |= dict.fromkeys(names, length)
    endpoint.schema_digest = digest_of(endpoint.request_schema)
    endpoint.save()
    run = open_title_run(answered.pk)
    assert run is not None
    assert run.parameters == ({sent: TITLE_TOKENS} if sent else {})


def test_who_reads_the_conversation_reads_the_request(title_run, alice, bob, client_for):
    url = reverse("chat:exchanges", args=[title_run.code])
    finish(title_run, "Tides")
    page = client_for(alice).get(url).content.decode()
    assert "For the title of the conversation" in page
    assert reverse("chat:conversation", args=[title_run.title_of.code]) in page
    assert client_for(bob).get(url).status_code == 404
    today = title_run.created_at.date()
    rows = ledger.runs(ledger.Days(title_run.workspace, today, today), "").rows

    def linked(user):
        found = with_conversations(user.memberships.get(), rows)
        return {row.spent.what.run_code for row in found if row.is_readable and row.conversation}

    assert title_run.code in linked(alice)
    assert title_run.code not in linked(bob)
    Conversation.objects.update(workspace_access="read")
    assert client_for(bob).get(url).status_code == 200
    assert title_run.code in linked(bob)
    assert get_run_for(bob, title_run.code).pk == title_run.pk


def test_usage_names_its_purpose(title_run, alice, workspace, client_for):
    finish(title_run, "Tides")
    page = client_for(alice).get(reverse("accounts:usage", args=[workspace.slug])).content.decode()
    assert page.count('<span class="badge">Title</span>') == 1
    delete_conversation(Conversation.objects.get(), alice)
    page = client_for(alice).get(reverse("accounts:usage", args=[workspace.slug])).content.decode()
    assert page.count('<span class="badge">Title</span>') == 1, "the books outlast the conversation"
