"""Queued prompts on pages: what Send answers, the buttons of the list, and the frames of other pages."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse

from accounts.models import Limit
from chat.exporting.as_json import as_json
from chat.exporting.as_markdown import as_markdown
from chat.exporting.as_requests import as_requests
from chat.flows.build_request import Choice
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.send_next_queued import send_next_queued
from chat.flows.send_or_queue import send_or_queue
from chat.flows.send_prompt import send_prompt
from chat.models import Access, Conversation, QueuedPrompt, Run
from chat.pages.queue import BEGINNING
from chat.relays import background
from playground.upstream.answer import Answer
from tests.chat.socket_reader import SocketReader, client_of
from tests.chat.test_queued_prompts import prompt_of

HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def started(monkeypatch) -> list[Run]:
    handed: list[Run] = []
    monkeypatch.setattr(background, "start", handed.append)
    monkeypatch.setattr(background, "stop", lambda _: None)
    return handed


@pytest.fixture
def conversation(running_run: Run) -> Conversation:
    """A conversation of Alice's with one answer, which is being written."""
    Conversation.objects.update(workspace_access=Access.WRITE)
    return running_run.thread


@pytest.fixture
def answered(queued_run: Run) -> Conversation:
    """A conversation of Alice's whose only answer has ended."""
    assert finish_run(queued_run, Outcome(Run.Status.FINISHED, Answer()), fence=0)
    return queued_run.thread


@pytest.fixture
def queued(conversation, alice, endpoint) -> QueuedPrompt:
    found = send_or_queue(conversation, alice, "Tell me more", Choice(endpoint, {}), uuid.uuid4())
    assert isinstance(found, QueuedPrompt)
    return found


def prompt(text: str, **fields: str) -> dict[str, str]:
    return {"text": text, "idempotency_key": str(uuid.uuid4()), **fields}


def page(client: Any, conversation: Conversation) -> str:
    return str(client.get(reverse("chat:conversation", args=[conversation.code])).content.decode())


def test_send_queues_behind_a_live_answer_and_empties_the_composer(alice, client_for, conversation, started):
    client = client_for(alice)
    url = reverse("chat:send", args=[conversation.code])

    response = client.post(url, prompt("Tell me <more>", **{"p.temperature": "0.3"}), headers=HTMX)

    html = response.content.decode()
    assert response.status_code == 200
    assert f'id="queue-{conversation.code}"' in html
    assert "Tell me &lt;more&gt;" in html
    assert html.count("Tell me") == 1
    assert 'hx-swap-oob="outerHTML"' in html.split('id="queue-')[1].split(">")[0]
    assert "hx-swap-oob" not in html.split("<form")[1].split(">")[0]
    assert QueuedPrompt.objects.get().parameters == {"temperature": 0.3}
    assert started == []
    assert "1 queued" in page(client, conversation)


def test_what_is_wrong_with_a_prompt_is_said_before_it_is_queued(alice, client_for, conversation, started):
    url = reverse("chat:send", args=[conversation.code])
    for fields, words in (
        ({"text": "Hi", "p.temperature": "9"}, "Must be at most 2."),
        ({"text": ""}, "Write a prompt first."),
    ):
        response = client_for(alice).post(url, {**prompt(""), **fields}, headers=HTMX)
        assert response.status_code == 422
        assert words in response.content.decode()
    assert not QueuedPrompt.objects.exists()


def test_a_prompt_that_arrives_just_after_the_end_is_sent(
    alice, client_for, conversation, running_run, queued, started
):
    assert finish_run(running_run, Outcome(Run.Status.FINISHED, Answer()), fence=1)

    client_for(alice).post(reverse("chat:send", args=[conversation.code]), prompt("Next"), headers=HTMX)

    assert [prompt_of(run).text for run in started] == ["Tell me more"]
    assert [each.text for each in QueuedPrompt.objects.all()] == ["Next"]


def test_the_buttons_of_the_list(alice, bob, client_for, conversation, queued, endpoint, started):
    other = send_or_queue(conversation, bob, "And mine", Choice(endpoint, {}), uuid.uuid4())
    client = client_for(alice)

    def post(name: str, code: Any, **data: str) -> str:
        return str(client.post(reverse(name, args=[code]), data, headers=HTMX).content.decode())

    html = post("chat:move_queued", queued.code, way="down")
    assert html.index("And mine") < html.index("Tell me more")
    assert "Other words" in post("chat:reword_queued", queued.code, text="Other words")
    assert client.post(reverse("chat:reword_queued", args=[other.code]), {"text": "x"}).status_code == 403
    assert client.post(reverse("chat:reword_queued", args=[queued.code]), {"text": " "}).status_code == 422
    assert "And mine" not in post("chat:unqueue", other.code)
    assert "queued</b>" not in post("chat:clear_queue", conversation.code)
    assert not QueuedPrompt.objects.exists()
    assert client.post(reverse("chat:unqueue", args=[other.code]), headers=HTMX).status_code == 404


def test_stop_pauses_and_the_next_is_sent_on_request(
    alice, client_for, conversation, running_run, queued, started
):
    client = client_for(alice)
    client.post(reverse("chat:stop", args=[running_run.code]))
    assert finish_run(running_run, Outcome(Run.Status.STOPPED, Answer()), fence=1)
    assert "Paused: The answer was stopped." in page(client, conversation)

    html = client.post(reverse("chat:send_queued", args=[conversation.code]), headers=HTMX).content.decode()

    assert "Paused" not in html
    assert [prompt_of(run).text for run in started] == ["Tell me more"]


def test_readers_see_the_list_without_buttons(client_for, vera, conversation, queued):
    html = page(client_for(vera), conversation)
    assert "Tell me more" in html
    assert "data-queued-edit" not in html
    assert "Remove all" not in html


def test_a_long_text_is_shortened_and_whole_on_request(client_for, alice, conversation, queued):
    text = "x" * BEGINNING + "\n<end>"
    QueuedPrompt.objects.update(text=text)
    client = client_for(alice)
    assert "&lt;end&gt;" not in page(client, conversation)

    response = client.get(reverse("chat:queued_words", args=[queued.code]))
    assert response.content.decode() == text
    assert response["Content-Type"].startswith("text/plain")


def test_the_figures_of_a_personal_limit_are_its_authors_alone(
    client_for, alice, bob, workspace, conversation, running_run, queued
):
    Limit.objects.create(workspace=workspace, member=alice, unit="tokens", period="day", amount=1)
    assert finish_run(running_run, Outcome(Run.Status.FINISHED, Answer()), fence=1)
    assert send_next_queued(conversation.code) == []

    assert "Your limit of" in page(client_for(alice), conversation)
    html = page(client_for(bob), conversation)
    assert "A limit of Alice was reached." in html
    assert "Your limit of" not in html.split('class="composer')[0]


def test_an_export_does_not_have_it(conversation, queued):
    for write in (as_markdown, as_json, as_requests):
        content = "".join(write(conversation))
        assert "Say hello" in content
        assert "Tell me more" not in content


@pytest.mark.django_db(transaction=True)
async def test_other_pages_get_the_list_and_the_prompt_is_sent_by_itself(
    relays, demo, alice, answered, endpoint, client_for
):
    conversation = answered
    gate = demo.hold_after(3)
    run = await sync_to_async(send_prompt)(conversation, alice, "First", Choice(endpoint, {}), uuid.uuid4())
    background.start(run)
    assert await sync_to_async(gate.reached.wait)(10)
    reader = await SocketReader.open(await client_of(client_for, alice), conversation.code)
    head = str(run.message.code)
    await reader.send({"type": "hello", "head": head, "cursors": {str(run.code): ""}, "queue": "0"})

    await sync_to_async(send_or_queue)(conversation, alice, "Second", Choice(endpoint, {}), uuid.uuid4())
    assert "1 queued" in await reader.read_until('class="queued"')
    gate.release()

    seen = await reader.read_until(">Second<")
    assert "Queued prompts" in seen or "Queued prompts" in await reader.read_until("Queued prompts")
    async with asyncio.timeout(20):
        while relays.tasks():
            await asyncio.gather(*relays.tasks())
    texts = await sync_to_async(lambda: [prompt_of(each).text for each in Run.objects.order_by("pk")])()
    assert texts == ["Say hello", "First", "Second"]
    statuses = await sync_to_async(lambda: set(Run.objects.values_list("status", flat=True)))()
    assert statuses == {"finished"}
    await reader.close()
