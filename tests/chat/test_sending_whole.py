"""Answers that are asked for whole: the choice stays with the conversation, and the receipt is the same."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse

from chat.flows.build_request import Choice
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.retry_with_changes import retry_without
from chat.flows.send_prompt import start_conversation
from chat.live.run import LiveRun
from chat.models import Draft, Run
from chat.pages.receipt import WAITING_FOR_ALL, final_receipt, live_receipt, parameter_changes
from chat.relays import background
from chat.sockets.cursors import Cursor
from chat.sockets.frames import delta
from playground.models import Endpoint
from playground.parameters.schema.sending import Sending
from playground.upstream.answer import Answer
from playground.upstream.events import Awaited, TextDelta

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]

OFF = {"sent.stream": "off", "sent.usage": ""}
KINDS = ("chat/completions", "responses", "messages")


def posted(endpoint: Endpoint, **fields: str) -> dict[str, str]:
    return {"text": "More", "idempotency_key": str(uuid.uuid4()), "endpoint": str(endpoint.pk), **fields}


@pytest.fixture
def started(monkeypatch) -> list[Run]:
    handed: list[Run] = []
    monkeypatch.setattr(background, "start", handed.append)
    return handed


def test_the_choice_is_sent_and_stays_with_the_conversation(
    alice, client_for, conversation, endpoint, started
):
    client = client_for(alice)
    url = reverse("chat:send", args=[conversation.code])
    client.post(url, posted(endpoint, **OFF))
    assert started[0].body["stream"] is False
    assert "stream_options" not in started[0].body
    assert not started[0].is_streamed
    conversation.refresh_from_db()
    assert conversation.sending == Sending(is_streamed=False)
    page = client.get(reverse("chat:conversation", args=[conversation.code])).content.decode()
    assert 'name="sent.stream" value="off" checked' in page
    assert WAITING_FOR_ALL in page and "not streamed" in page
    # A browser without scripts posts no parameters, and a retry takes those of the conversation.
    assert finish_run(started[0], Outcome(Run.Status.STOPPED, Answer()), fence=0)
    again = retry_without(started[0], alice, (), endpoint, uuid.uuid4())
    assert again.body["stream"] is False
    assert finish_run(again, Outcome(Run.Status.STOPPED, Answer()), fence=0)


def test_a_change_is_stored_before_anything_is_sent(alice, client_for, conversation, endpoint):
    url = reverse("chat:configure", args=[conversation.code])
    client_for(alice).post(url, {"endpoint": endpoint.pk, "sent.stream": "", "sent.usage": "off"})
    conversation.refresh_from_db()
    assert conversation.sending == Sending(reports_usage=False)
    # Another model keeps the choice.
    other = Endpoint.objects.get(model__model_id="demo/polyglot", kind="responses")
    client_for(alice).post(url, {"model": other.model_id, "kind": "responses"})
    conversation.refresh_from_db()
    assert (conversation.model_id, conversation.sending) == (other.model_id, Sending(reports_usage=False))


def test_the_next_new_chat_streams_again(alice, client_for, workspace, endpoint, started):
    url = reverse("chat:start", args=[workspace.slug])
    client_for(alice).post(url, posted(endpoint, **OFF))
    assert not started[0].is_streamed
    assert Draft.objects.get(user=alice).sending == Sending()


def test_the_same_click_with_another_choice_is_another_prompt(endpoint):
    contents = [Choice(endpoint, {}, *each).content for each in [(True, True), (False, True), (True, False)]]
    assert len({repr(each) for each in contents}) == 3


@pytest.mark.parametrize("kind", KINDS)
async def test_a_whole_answer_has_the_receipt_of_a_stream(kind, catalogue, relays, workspace, alice, demo):
    endpoint = await sync_to_async(Endpoint.objects.select_related("model__provider").get)(
        model__model_id="demo/polyglot", kind=kind
    )
    runs = []
    for is_streamed in (True, False):
        choice = Choice(endpoint, {"temperature": 0}, is_streamed)
        run = await sync_to_async(start_conversation)(workspace, alice, "Hi", choice, uuid.uuid4())
        background.start(run)
        async with asyncio.timeout(20):
            await asyncio.sleep(0)
            await asyncio.gather(*relays.tasks())
        runs.append(await Run.objects.select_related("answer").aget(pk=run.pk))
        assert demo.requests[-1].body["stream"] is is_streamed
    streamed, whole = runs
    assert whole.status == Run.Status.FINISHED, whole.error
    assert whole.message.text == streamed.message.text
    for name in ("input_tokens", "output_tokens", "credits", "usd", "finish_reason", "are_tokens_estimated"):
        assert getattr(whole, name) == getattr(streamed, name), name
    receipt = final_receipt(whole)
    assert receipt.whole_after and not receipt.first_token
    assert parameter_changes(whole)[-1].name == "not streamed"
    assert await whole.exchanges.acount() == 1


def test_the_page_counts_the_seconds_until_the_answer_comes():
    live = LiveRun(1, uuid.uuid4(), None)
    live.begin()
    cursor = Cursor()
    delta(live, cursor)
    live.apply([Awaited()])
    assert "waiting for the whole answer… <span" in " ".join(delta(live, cursor).split())
    assert live_receipt(live).elapsed == 0
    live.apply([TextDelta("All of it.")])
    assert live_receipt(live).elapsed is None
