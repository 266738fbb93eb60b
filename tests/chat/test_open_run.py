from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils.timezone import now

from accounts.models import Hold
from chat.flows.build_request import Choice
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.live import broadcast
from chat.models import QUEUE_LEASE, Conversation, Run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


@pytest.fixture
def announced(monkeypatch) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr(broadcast, "announce_run", lambda *arguments: calls.append(arguments))
    return calls


def test_a_queued_run_waits_with_a_lease_and_all_that_its_receipt_needs(queued_run, alice, endpoint):
    assert timedelta() < queued_run.lease_expires_at - now() <= QUEUE_LEASE
    assert (queued_run.status, queued_run.user, queued_run.endpoint) == ("queued", alice, endpoint)
    assert (queued_run.provider_code, queued_run.model_id) == ("demo", "demo/plain")
    assert queued_run.endpoint_kind == endpoint.kind
    assert queued_run.input_price == endpoint.model.input_price
    assert queued_run.output_price == endpoint.model.output_price
    held = Hold.objects.get(run_code=queued_run.code)
    assert held.credits > 0
    assert 100 < held.tokens < 1_000


def test_it_is_announced_once_it_is_committed(
    workspace, alice, endpoint, announced, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        run = start_conversation(workspace, alice, "Hi", Choice(endpoint, {}), uuid.uuid4())
        assert announced == []

    assert announced == [(run.code, run.conversation_code)]


def test_the_conversation_moves_to_the_new_answer(conversation, alice, endpoint):
    long_ago = now() - timedelta(days=1)
    Conversation.objects.update(updated_at=long_ago)

    choice = Choice(endpoint, {"temperature": 0.3})
    run = send_prompt(conversation, alice, "And?", choice, uuid.uuid4())

    stored = Conversation.objects.get()
    assert stored.head == Run.objects.get(pk=run.pk).answer
    assert stored.updated_at > long_ago
    assert stored.parameters == {"temperature": 0.3}
    assert run.message.parent
    assert run.message.parent.text == "And?"
