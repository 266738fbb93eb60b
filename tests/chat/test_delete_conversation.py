from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Hold, LedgerEntry
from chat.exceptions import AnswerPending, ConversationGone
from chat.flows.audit_books import audit_books
from chat.flows.build_request import Choice
from chat.flows.claim_runs import claim_runs
from chat.flows.delete_conversation import delete_conversation
from chat.flows.send_or_queue import send_or_queue
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.flows.stop_run import stop_run
from chat.live.merging import merge
from chat.models import Conversation, Run, RunChunk
from playground.upstream.events import TextDelta

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_had_been_written_is_charged(running_run):
    RunChunk.objects.create(run=running_run, seq=1, events=merge([TextDelta("word " * 400)]))

    assert delete_conversation(running_run.conversation, running_run.conversation.owner) == [running_run]

    [ended] = Run.objects.all()
    assert ended.status == Run.Status.STOPPED
    assert not Conversation.objects.exists()
    entry = LedgerEntry.objects.get(run_code=running_run.code)
    assert entry.output_tokens == 416
    assert audit_books() == []


def test_the_second_of_two_who_delete_is_told(conversation):
    stale = Conversation.objects.get()
    delete_conversation(conversation, conversation.owner)
    with pytest.raises(ConversationGone):
        delete_conversation(stale, stale.owner)


def test_a_prompt_for_a_deleted_conversation_is_not_found(
    conversation, alice, endpoint, client_for, monkeypatch
):
    """The conversation is deleted after the view has found it."""
    from chat.views import conversations

    def too_late(found, *args):
        delete_conversation(Conversation.objects.get(pk=found.pk), found.owner)
        return send_or_queue(found, *args)

    monkeypatch.setattr(conversations, "send_or_queue", too_late)
    response = client_for(alice).post(
        reverse("chat:send", args=[conversation.code]),
        {"text": "Hi", "idempotency_key": str(uuid.uuid4()), "endpoint": endpoint.pk},
    )
    assert response.status_code == 404
    assert audit_books() == []


def test_it_stops_a_run_that_is_gone(queued_run):
    delete_conversation(queued_run.conversation, queued_run.conversation.owner)
    stop_run(queued_run, queued_run.conversation.owner)
    assert not Hold.objects.filter(state=Hold.State.OPEN).exists()


@pytest.mark.parametrize("attempt", range(5))
def test_nothing_stays_held_whatever_happens_meanwhile(workspace, alice, endpoint, attempt):
    choice = Choice(endpoint, {})
    run = start_conversation(workspace, alice, "Hi", choice, uuid.uuid4())
    jobs = [
        lambda: claim_runs("us", 1, [run.pk]),
        lambda: delete_conversation(Conversation.objects.get(runs=run), run.thread.owner),
        lambda: stop_run(Run.objects.select_related("conversation").get(pk=run.pk), run.thread.owner),
        lambda: send_prompt(run.thread, alice, "More", choice, uuid.uuid4()),
        lambda: delete_conversation(run.thread, run.thread.owner),
    ]
    ready = Barrier(len(jobs))

    def one(job) -> None:
        try:
            ready.wait(20)
            job()
        except (AnswerPending, ConversationGone, Conversation.DoesNotExist, Run.DoesNotExist):
            # Another thread has ended the run, or deleted the conversation, first.
            return
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        list(pool.map(one, jobs))

    assert not Conversation.objects.exists()
    assert not Hold.objects.filter(state=Hold.State.OPEN).exists()
    assert audit_books() == []
