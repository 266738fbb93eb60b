"""Queued prompts when several processes and pages act at once, each on its own thread and connection."""

from __future__ import annotations

import uuid

import pytest

from accounts.models import Limit
from chat.flows.build_request import Choice
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.remove_queued_prompts import remove_queued_prompts
from chat.flows.send_next_queued import send_due_prompts, send_next_queued
from chat.flows.send_or_queue import send_or_queue, start_or_queue
from chat.flows.share_with_workspace import share_with_workspace
from chat.models import Access, Conversation, Message, QueuedPrompt, Run
from chat.transcript import Tree
from playground.upstream.answer import Answer
from tests.chat.test_limits_under_concurrency import at_once
from tests.chat.test_queued_prompts import prompt_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


def end(run: Run) -> bool:
    run.refresh_from_db()
    return finish_run(run, Outcome(Run.Status.FINISHED, Answer()), fence=run.fence)


def texts() -> list[str]:
    return [prompt_of(run).text for run in Run.objects.order_by("pk")]


def test_two_ends_at_once_send_the_next_prompt_once(running_run, alice, endpoint):
    conversation, choice = running_run.thread, Choice(endpoint, {})
    for text in ("One", "Two"):
        send_or_queue(conversation, alice, text, choice, uuid.uuid4())

    def finish(number: int) -> list[Run]:
        end(running_run)
        return send_next_queued(conversation.code) if number % 2 else send_due_prompts()

    results = at_once(finish, 6)

    assert [len(runs) for runs in results if runs] == [1]
    assert texts() == ["Say hello", "One"]
    assert Message.objects.filter(text="One").count() == 1
    assert [queued.text for queued in QueuedPrompt.objects.all()] == ["Two"]


def test_one_click_that_arrives_several_times_is_one_prompt(running_run, alice, endpoint):
    conversation, choice, key = running_run.thread, Choice(endpoint, {}), uuid.uuid4()

    def click(number: int) -> object:
        if number == 0:
            end(running_run)
        sent = send_or_queue(conversation, alice, "One", choice, key)
        send_next_queued(conversation.code)
        return sent

    at_once(click, 6)

    assert texts() == ["Say hello", "One"]
    assert not QueuedPrompt.objects.exists()


def test_prompts_of_many_pages_keep_one_order_and_none_is_lost(running_run, alice, endpoint):
    conversation, choice = running_run.thread, Choice(endpoint, {})

    def act(number: int) -> None:
        if number == 0:
            end(running_run)
        else:
            send_or_queue(conversation, alice, str(number), choice, uuid.uuid4())
        send_next_queued(conversation.code)

    at_once(act, 6)
    while run := Run.objects.filter(status__in=Run.LIVE).first():
        end(run)
        send_next_queued(conversation.code)

    assert sorted(texts()[1:]) == list("12345")
    # The tree has one leaf: each prompt follows the answer before it.
    assert Message.objects.filter(children=None).count() == 1


def test_a_prompt_is_sent_or_removed_never_both(running_run, alice, endpoint):
    conversation = running_run.thread
    queued = send_or_queue(conversation, alice, "One", Choice(endpoint, {}), uuid.uuid4())
    assert isinstance(queued, QueuedPrompt)
    end(running_run)

    def act(number: int) -> list[Run] | None:
        if number % 2:
            return send_next_queued(conversation.code)
        return remove_queued_prompts(conversation, alice, only=queued)

    results = at_once(act, 4)

    assert not QueuedPrompt.objects.exists()
    assert Run.objects.count() == 1 + sum(len(runs) for runs in results if runs)


def test_one_place_that_is_left_sends_one_of_many_that_wait(workspace, running_run, alice, endpoint):
    choice = Choice(endpoint, {})
    Limit.objects.create(workspace=workspace, unit="concurrent", period="ever", amount=1, lets_wait=True)
    for number in range(5):
        queued = start_or_queue(workspace, alice, str(number), choice, uuid.uuid4())
        assert isinstance(queued, QueuedPrompt)

    def act(number: int) -> list[Run]:
        end(running_run)
        return send_next_queued(running_run.thread.code) if number % 2 else send_due_prompts()

    results = at_once(act, 6)

    assert [len(runs) for runs in results if runs] == [1]
    assert texts() == ["Say hello", "0"]
    assert QueuedPrompt.objects.count() == 4


def test_one_click_of_a_new_chat_that_arrives_several_times_waits_once(
    workspace, running_run, alice, endpoint
):
    choice, key = Choice(endpoint, {}), uuid.uuid4()
    Limit.objects.create(workspace=workspace, unit="concurrent", period="ever", amount=1, lets_wait=True)

    def click(number: int) -> object:
        if number == 0:
            end(running_run)
        sent = start_or_queue(workspace, alice, "One", choice, key)
        send_next_queued(sent.thread.code if isinstance(sent, Run) else sent.conversation.code)
        return sent

    at_once(click, 6)

    assert texts() == ["Say hello", "One"]
    assert not QueuedPrompt.objects.exists()
    assert Conversation.objects.count() == 2


def test_of_two_people_who_send_at_once_the_second_one_waits(conversation, alice, bob, ada, endpoint):
    """Send one prompt and queue the others behind its answer, each in its author’s name, on one branch."""
    people, head = [alice, bob, ada], conversation.head
    share_with_workspace(conversation, alice, Access.WRITE)

    def send(number: int) -> object:
        author = people[number % 3]
        return send_or_queue(conversation, author, f"{number}", Choice(endpoint, {}), uuid.uuid4())

    sent = at_once(send, 6)

    [run] = [each for each in sent if isinstance(each, Run)]
    waiting = list(QueuedPrompt.objects.order_by("position"))
    assert prompt_of(run).parent == head
    assert len({each.position for each in waiting}) == 5
    assert all(each.author == people[int(each.text) % 3] for each in waiting)
    # They follow one after the other, none beside another one.
    end(run)
    while following := send_next_queued(conversation.code):
        end(following[0])
    conversation.refresh_from_db()
    tree = Tree(conversation)
    assert [len(tree.siblings(pk)) for pk in tree.path(conversation.head_id)] == [1] * 14
