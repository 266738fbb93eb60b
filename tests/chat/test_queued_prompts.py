"""Prompts that wait for the end of an answer: stored, sent once, and kept back when something is wrong."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils.timezone import now

from accounts.models import Limit, Membership
from chat import files
from chat.exceptions import AnswerPending, QueueFull
from chat.flows.build_request import Choice
from chat.flows.delete_conversation import delete_conversation
from chat.flows.edit_queued_prompt import edit_queued_prompt
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.move_queued_prompt import move_queued_prompt
from chat.flows.purge_conversations import purge_conversations
from chat.flows.reap_runs import reap_runs
from chat.flows.regenerate_answer import regenerate_answer
from chat.flows.remove_queued_prompts import remove_queued_prompts
from chat.flows.restore_conversation import restore_conversation
from chat.flows.resume_queue import resume_queue
from chat.flows.send_next_queued import send_due_prompts, send_next_queued
from chat.flows.send_or_queue import send_or_queue
from chat.flows.send_prompt import send_prompt
from chat.flows.show_sibling import show_sibling
from chat.flows.stop_run import stop_run
from chat.flows.sweep_files import UNSENT_FOR, sweep_files
from chat.media import Media
from chat.models import MAX_QUEUED, Access, Conversation, Message, Pause, QueuedPrompt, Run, StoredFile
from chat.transcript import Tree
from playground.models import Endpoint, Provider, UpstreamModel
from playground.upstream.answer import Answer
from playground.upstream.dialects.shared.transcript import MediaKind
from playground.upstream.events import Finished, TextDelta, ToolCallDelta, Truncated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


@pytest.fixture
def choice(endpoint) -> Choice:
    return Choice(endpoint, {})


@pytest.fixture
def queue(running_run, alice, choice) -> Callable[..., QueuedPrompt]:
    """Queue a prompt behind Alice's running answer."""

    def add(text: str, user: Any = None, *, key: uuid.UUID | None = None, **options: Any) -> QueuedPrompt:
        chosen = options.pop("choice", choice)
        queued = send_or_queue(
            running_run.thread, user or alice, text, chosen, key or uuid.uuid4(), **options
        )
        assert isinstance(queued, QueuedPrompt)
        return queued

    return add


def end(run: Run, status: Run.Status = Run.Status.FINISHED, *events: Any) -> None:
    answer = Answer()
    for event in events or (TextDelta("Done."), Finished("stop")):
        answer.apply(event)
    run.refresh_from_db()
    assert finish_run(run, Outcome(status, answer), fence=run.fence)


def prompt_of(run: Run) -> Message:
    prompt = run.message.parent
    assert prompt is not None
    return prompt


def waiting() -> list[str]:
    return list(QueuedPrompt.objects.values_list("text", flat=True))


def pause_of(run: Run) -> str:
    return Conversation.with_deleted.values_list("queue_pause", flat=True).get(pk=run.thread.pk)


def test_prompts_follow_each_other_under_the_answers(running_run, queue, alice):
    queue("One")
    queue("Two")
    assert send_next_queued(running_run.thread.code) == []
    end(running_run)

    [first] = send_next_queued(running_run.thread.code)
    assert send_next_queued(running_run.thread.code) == []
    end(first)
    [second] = send_next_queued(running_run.thread.code)

    assert waiting() == []
    assert [prompt_of(run).text for run in (first, second)] == ["One", "Two"]
    assert prompt_of(first).parent == running_run.message
    assert prompt_of(second).parent == first.message
    assert prompt_of(first).author == first.user == alice
    contents = [message["content"] for message in second.body["messages"]]
    assert contents == ["Say hello", "Done.", "One", "Done.", "Two"]
    running_run.thread.refresh_from_db()
    assert running_run.thread.head == second.message


def test_it_is_sent_as_the_composer_was_set_and_leaves_the_composer_alone(running_run, queue, choice):
    chosen = Choice(choice.endpoint, {"temperature": 0.3}, is_streamed=False)
    queue("One", choice=chosen)
    conversation = running_run.thread
    conversation.refresh_from_db()
    assert (conversation.parameters, conversation.is_streamed) == ({"temperature": 0.3}, False)
    conversation.store(conversation.take(choice.endpoint, {"temperature": 1.5}, sending=choice.sending))
    end(running_run)

    [run] = send_next_queued(conversation.code)

    assert run.body["temperature"] == 0.3
    assert not run.is_streamed
    conversation.refresh_from_db()
    assert (conversation.parameters, conversation.is_streamed) == ({"temperature": 1.5}, True)


def test_the_same_click_is_queued_and_sent_once(running_run, queue, alice, choice):
    key = uuid.uuid4()
    assert queue("One", key=key) == queue("One", key=key)
    assert waiting() == ["One"]
    end(running_run)
    [run] = send_next_queued(running_run.thread.code)

    assert send_or_queue(running_run.thread, alice, "One", choice, key) == run
    assert waiting() == []


def test_the_queue_has_an_end(running_run, queue):
    for number in range(MAX_QUEUED):
        queue(str(number))
    with pytest.raises(QueueFull, match="20 prompts are queued already"):
        queue("One more")


def test_nothing_overtakes_a_queued_prompt(running_run, queue, alice, choice):
    """The answer has ended, and its process has not sent the next prompt yet."""
    queue("One")
    end(running_run)

    queue("Two")
    with pytest.raises(AnswerPending):
        send_prompt(running_run.thread, alice, "Three", choice, uuid.uuid4())

    [run] = send_next_queued(running_run.thread.code)
    assert prompt_of(run).text == "One"
    assert waiting() == ["Two"]


ENDINGS = {
    "stopped": (Run.Status.STOPPED, (), Pause.STOPPED),
    "failed": (Run.Status.FAILED, (), Pause.FAILED),
    "interrupted": (Run.Status.INTERRUPTED, (), Pause.INTERRUPTED),
    "at the token limit": (Run.Status.FINISHED, (TextDelta("Do"), Finished("length")), Pause.CUT),
    "filtered": (Run.Status.FINISHED, (Finished("content_filter"),), Pause.CUT),
    "without an end": (Run.Status.FINISHED, (TextDelta("Do"), Truncated()), Pause.CUT),
    "with calls": (
        Run.Status.FINISHED,
        (ToolCallDelta(0, id="c", name="look_up", arguments="{}"), Finished("tool_calls")),
        Pause.CALLS,
    ),
    "with calls, and the reason of any answer": (
        Run.Status.FINISHED,
        (ToolCallDelta(0, id="c", name="look_up", arguments="{}"), Finished("stop")),
        Pause.CALLS,
    ),
}


@pytest.mark.parametrize("how", ENDINGS)
def test_after_another_end_a_person_sends_the_next(how, running_run, queue, alice):
    status, events, reason = ENDINGS[how]
    queue("One")
    queue("Two")
    end(running_run, status, *events)

    assert send_next_queued(running_run.thread.code) == []
    assert send_due_prompts() == []
    assert (pause_of(running_run), waiting()) == (reason, ["One", "Two"])

    if reason == Pause.CALLS:
        return
    run = resume_queue(running_run.thread, alice)
    assert run is not None
    assert prompt_of(run).parent == running_run.message
    assert (pause_of(running_run), waiting()) == ("", ["Two"])
    end(run)
    assert len(send_next_queued(running_run.thread.code)) == 1


@pytest.mark.parametrize("reason", ["", "STOP", "end_turn"])
def test_every_usual_end_counts(reason, running_run, queue):
    queue("One")
    end(running_run, Run.Status.FINISHED, TextDelta("Done."), Finished(reason))

    assert len(send_next_queued(running_run.thread.code)) == 1


def _demote(bob, **_: Any) -> None:
    Membership.objects.filter(user=bob).update(role="viewer")


def _remove(bob, **_: Any) -> None:
    Membership.objects.filter(user=bob).delete()


def _unshare(**_: Any) -> None:
    Conversation.objects.update(workspace_access=Access.READ)


def _deactivate(bob, **_: Any) -> None:
    bob.is_active = False
    bob.save()


def _delete_user(bob, **_: Any) -> None:
    bob.delete()


def _switch_off(**_: Any) -> None:
    UpstreamModel.objects.update(is_enabled=False)


def _take_from_catalogue(**_: Any) -> None:
    Run.objects.update(endpoint=None)
    Endpoint.objects.all().delete()


def _take_key(**_: Any) -> None:
    Provider.objects.update(needs_key=True)


def _narrow(**_: Any) -> None:
    """Give the model another schema, as a sync with its provider does."""
    for endpoint in Endpoint.objects.all():
        endpoint.request_schema["properties"]["temperature"] = {"type": "number", "maximum": 0.1}
        endpoint.schema_digest = "narrow"
        endpoint.save()


def _limit(workspace, **_: Any) -> None:
    Limit.objects.create(workspace=workspace, unit="tokens", period="day", amount=1)


REFUSALS: dict[str, tuple[Callable[..., None], str]] = {
    "the author may only read": (_demote, "Bob can no longer write here."),
    "the author has left": (_remove, "Bob can no longer write here."),
    "the conversation was shared for reading": (_unshare, "Bob can no longer write here."),
    "the author was deactivated": (_deactivate, "The person who wrote this prompt has left."),
    "the author was deleted": (_delete_user, "The person who wrote this prompt has left."),
    "the model was switched off": (_switch_off, "Demo Plain was removed from Built-in demo."),
    "the model is gone": (_take_from_catalogue, "The model of this prompt is no longer in the catalogue."),
    "the key is gone": (_take_key, "There is no API key for Built-in demo any more."),
    "a parameter is refused": (_narrow, "temperature: Must be at most 0.1."),
    "a limit is reached": (_limit, "The workspace's limit of 1 token per day has"),
}


@pytest.mark.parametrize("why", REFUSALS)
def test_what_cannot_be_sent_by_now_pauses_the_queue(why, running_run, queue, alice, bob, workspace, choice):
    change, words = REFUSALS[why]
    Conversation.objects.update(workspace_access=Access.WRITE)
    queued = queue("One", bob, choice=Choice(choice.endpoint, {"temperature": 0.3}))
    queue("Two", bob)
    end(running_run)
    change(bob=bob, workspace=workspace)

    assert send_next_queued(running_run.thread.code) == []

    queued.refresh_from_db()
    assert queued.refusal.startswith(words)
    assert (pause_of(running_run), waiting()) == (Pause.REFUSED, ["One", "Two"])
    assert Run.objects.count() == 1
    assert Message.objects.count() == 2
    # A person who tries again without a remedy is told again.
    assert resume_queue(running_run.thread, alice) is None
    queued.refresh_from_db()
    assert queued.refusal.startswith(words)
    assert pause_of(running_run) == Pause.REFUSED


def test_a_fault_of_ours_pauses_instead_of_repeating_itself(running_run, queue, monkeypatch, caplog):
    queued = queue("One")
    end(running_run)
    monkeypatch.setattr("chat.flows.open_run.build_request", lambda *_: 1 / 0)

    assert send_due_prompts() == send_due_prompts() == []

    queued.refresh_from_db()
    assert "Something went wrong on this server." in queued.refusal
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1


def test_one_conversation_that_fails_holds_up_no_other(
    running_run, queue, second_run, alice, choice, monkeypatch
):
    queue("One")
    send_or_queue(second_run.thread, alice, "Two", choice, uuid.uuid4())
    for run in (running_run, second_run):
        end(run)
    broken = running_run.thread.pk

    class Unreadable(Tree):
        def __init__(self, conversation: Conversation) -> None:
            if conversation.pk == broken:
                raise ValueError
            super().__init__(conversation)

    monkeypatch.setattr("chat.flows.send_next_queued.Tree", Unreadable)

    [run] = send_due_prompts()
    assert prompt_of(run).text == "Two"
    assert waiting() == ["One"]


def test_stop_pauses_at_once_even_if_the_answer_has_just_ended(running_run, queue, alice):
    queue("One")
    queue("Two")
    end(running_run)
    [next_run] = send_next_queued(running_run.thread.code)

    stop_run(running_run, alice)

    assert pause_of(running_run) == Pause.STOPPED
    end(next_run)
    assert send_next_queued(running_run.thread.code) == []
    assert waiting() == ["Two"]


def test_an_answer_that_was_complete_when_it_was_stopped_counts_as_stopped(running_run, queue):
    queue("One")
    Run.objects.filter(pk=running_run.pk).update(stop_requested=True)
    end(running_run)

    assert send_next_queued(running_run.thread.code) == []
    assert pause_of(running_run) == Pause.STOPPED


def test_a_process_that_died_after_the_end_loses_and_doubles_nothing(running_run, queue):
    queue("One")
    assert send_due_prompts() == []
    end(running_run)

    [run] = send_due_prompts()

    assert send_due_prompts() == []
    assert prompt_of(run).text == "One"
    assert Run.objects.count() == 2


def test_an_answer_whose_process_died_pauses_the_queue(running_run, queue):
    queue("One")
    Run.objects.update(lease_expires_at=now())
    assert reap_runs() == 1

    assert send_due_prompts() == []
    assert (pause_of(running_run), waiting()) == (Pause.INTERRUPTED, ["One"])


def test_while_it_is_paused_send_sends_at_once_and_leaves_the_queue(running_run, queue, alice, choice):
    queue("One")
    stop_run(running_run, alice)
    end(running_run, Run.Status.STOPPED)

    sent = send_or_queue(running_run.thread, alice, "Meanwhile", choice, uuid.uuid4())
    assert isinstance(sent, Run)
    queue("Two")
    end(sent)
    assert send_next_queued(running_run.thread.code) == []
    assert waiting() == ["One", "Two"]

    run = resume_queue(running_run.thread, alice)
    assert run is not None
    assert prompt_of(run).text == "One"
    assert prompt_of(run).parent == sent.message


def test_a_queue_that_is_resumed_during_an_answer_waits_for_its_end(running_run, queue, alice, choice):
    queue("One")
    stop_run(running_run, alice)
    end(running_run, Run.Status.STOPPED)
    sent = send_prompt(running_run.thread, alice, "Meanwhile", choice, uuid.uuid4())

    assert resume_queue(running_run.thread, alice) is None
    assert send_due_prompts() == []
    end(sent)

    [run] = send_next_queued(running_run.thread.code)
    assert prompt_of(run).parent == sent.message


def test_another_version_in_view_stays_in_view(running_run, queue, alice, choice):
    conversation = running_run.thread
    end(running_run)
    other = regenerate_answer(running_run.message, alice, choice, uuid.uuid4())
    queued = send_or_queue(conversation, alice, "One", choice, uuid.uuid4())
    assert isinstance(queued, QueuedPrompt)
    show_sibling(running_run.message, alice)
    end(other)

    [run] = send_next_queued(conversation.code)

    assert prompt_of(run).parent == other.message
    conversation.refresh_from_db()
    assert conversation.head == running_run.message


def test_moving_changes_the_order_and_stays_within_the_list(running_run, queue, alice):
    one, two, _ = queue("One"), queue("Two"), queue("Three")
    for queued, steps, expected in (
        (two, -1, ["Two", "One", "Three"]),
        (two, -1, ["Two", "One", "Three"]),
        (one, 1, ["Two", "Three", "One"]),
        (one, 5, ["Two", "Three", "One"]),
        (one, 0, ["Two", "Three", "One"]),
    ):
        move_queued_prompt(queued, alice, steps)
        assert waiting() == expected
    end(running_run)
    [run] = send_next_queued(running_run.thread.code)
    assert prompt_of(run).text == "Two"
    move_queued_prompt(two, alice, 1)
    assert waiting() == ["Three", "One"]


def test_other_words_are_sent_and_too_late_ones_are_not(running_run, queue, alice):
    queued = queue("One")
    assert edit_queued_prompt(queued, alice, "Uno")
    end(running_run)
    [run] = send_next_queued(running_run.thread.code)

    assert prompt_of(run).text == "Uno"
    assert not edit_queued_prompt(queued, alice, "Eins")


def test_removing_the_last_one_ends_the_pause(running_run, queue, alice):
    one = queue("One")
    queue("Two")
    queue("Three")
    stop_run(running_run, alice)
    remove_queued_prompts(running_run.thread, alice, only=one)
    assert (pause_of(running_run), waiting()) == (Pause.STOPPED, ["Two", "Three"])

    remove_queued_prompts(running_run.thread, alice)
    assert (pause_of(running_run), waiting()) == ("", [])


def test_files_go_along_and_outlast_the_sweep(running_run, queue, alice, workspace):
    text = Media(MediaKind.FILE, "text/plain", "notes.txt", b"words")
    sent, removed = (files.keep(text, workspace, uploader=alice) for _ in range(2))
    queue("One", attachments=[sent.code])
    gone = queue("Two", attachments=[removed.code])
    StoredFile.objects.update(created_at=now() - 2 * UNSENT_FOR)
    assert sweep_files() == 0
    end(running_run)

    [run] = send_next_queued(running_run.thread.code)
    remove_queued_prompts(running_run.thread, alice, only=gone)

    assert list(prompt_of(run).files.all()) == [sent]
    assert sweep_files() == 1
    assert list(StoredFile.objects.all()) == [sent]


def test_a_deleted_conversation_sends_nothing_and_comes_back_paused(running_run, queue, alice):
    queue("One")
    conversation = running_run.thread
    delete_conversation(conversation, alice)
    assert send_due_prompts() == send_next_queued(conversation.code) == []

    restore_conversation(conversation, alice)
    assert (pause_of(running_run), waiting()) == (Pause.STOPPED, ["One"])

    delete_conversation(conversation, alice)
    Conversation.with_deleted.update(deleted_at="2020-01-01T00:00Z")
    assert purge_conversations() == 1
    assert waiting() == []
