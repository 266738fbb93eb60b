"""Prompts that come too early for a limit: queued, sent once when their turn comes, or refused after all."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from accounts.exceptions import LimitReached
from accounts.models import Hold, Limit
from chat.exceptions import IdempotencyConflict
from chat.flows.build_request import Choice
from chat.flows.check_queued import checked_choice
from chat.flows.regenerate_answer import regenerate_answer
from chat.flows.remove_queued_prompts import remove_queued_prompts
from chat.flows.resume_queue import resume_queue
from chat.flows.send_next_queued import send_due_prompts, send_next_queued
from chat.flows.send_or_queue import send_or_queue, start_or_queue
from chat.models import Conversation, Pause, QueuedPrompt, Run
from tests.chat.test_queued_prompts import end, prompt_of, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


class Clock:
    """A clock that stands still until a test moves it. It begins with an hour, after the real time."""

    def __init__(self) -> None:
        self.at = now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    for module in ("accounts.ledger.booking", "chat.flows.send_next_queued", "chat.flows.wait_for_limit"):
        monkeypatch.setattr(f"{module}.now", clock)
    return clock


@pytest.fixture
def choice(endpoint) -> Choice:
    return Choice(endpoint, {})


@pytest.fixture
def limited(workspace) -> Callable[..., Limit]:
    def add(amount: int = 1, unit: str = "requests", period: str = "minute", **more: Any) -> Limit:
        given = {"lets_wait": True, **more}
        return Limit.objects.create(workspace=workspace, unit=unit, period=period, amount=amount, **given)

    return add


@pytest.fixture
def send(workspace, alice, choice) -> Callable[..., Run | QueuedPrompt]:
    """Send a prompt to a conversation, or the first one of a new chat."""

    def act(text: str, to: Conversation | None = None, user: Any = None, **options: Any) -> Any:
        key, user = options.pop("key", None) or uuid.uuid4(), user or alice
        if to is None:
            return start_or_queue(workspace, user, text, choice, key, **options)
        return send_or_queue(to, user, text, choice, key, **options)

    return act


@pytest.fixture
def answered(clock, limited, send) -> Run:
    """An answered prompt, which has used up the one request per minute."""
    limited()
    run = send("First")
    assert isinstance(run, Run)
    end(run)
    return run


def pause_of(conversation: Conversation) -> str:
    conversation.refresh_from_db()
    return conversation.queue_pause


def test_it_is_sent_once_when_the_period_begins_anew(answered, send, clock, alice):
    queued = send("Second", answered.thread)

    assert isinstance(queued, QueuedPrompt)
    assert queued.awaited_words == "the workspace's limit of 1 request per minute"
    assert queued.not_before == clock.at + timedelta(minutes=1)
    assert (pause_of(answered.thread), Run.objects.count()) == ("", 1)
    assert send_due_prompts() == send_next_queued(answered.thread.code) == []
    clock.move(seconds=59)
    assert send_due_prompts() == []

    clock.move(seconds=1)
    [run] = send_due_prompts()

    assert send_due_prompts() == []
    assert prompt_of(run).text == "Second"
    assert prompt_of(run).parent == answered.message
    assert waiting() == []
    assert Hold.objects.get(run_code=run.code).created_at == clock.at


def test_prompts_keep_their_order_and_each_waits_for_its_own_turn(answered, send, clock):
    for text in ("Second", "Third", "Fourth"):
        assert isinstance(send(text, answered.thread), QueuedPrompt)

    for text in ("Second", "Third", "Fourth"):
        clock.move(minutes=1)
        [run] = send_due_prompts()
        assert prompt_of(run).text == text
        end(run)
        # The next prompt is refused at its turn, and waits too.
        assert send_next_queued(answered.thread.code) == []
        assert pause_of(answered.thread) == ""

    assert waiting() == []


def test_the_first_prompt_of_a_new_chat_waits_in_its_conversation(answered, send, clock, alice):
    key = uuid.uuid4()
    queued = send("Other", system_text="Be brief.", key=key)
    conversation = queued.conversation

    assert send("Other", system_text="Be brief.", key=key) == queued
    with pytest.raises(IdempotencyConflict):
        send("Another", key=key)
    assert (conversation.title, conversation.head, conversation.owner) == ("Other", None, alice)
    behind = send("And then", conversation)
    assert isinstance(behind, QueuedPrompt)
    clock.move(minutes=1)
    [run] = send_due_prompts()

    conversation.refresh_from_db()
    assert (prompt_of(run).text, prompt_of(run).parent) == ("Other", None)
    assert conversation.head == run.message
    assert run.body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert send("Other", system_text="Be brief.", key=key) == run
    assert waiting() == ["And then"]
    behind.refresh_from_db()
    assert behind.after == run.message


def test_a_prompt_of_a_new_chat_that_is_removed_leaves_a_chat_that_can_be_used(answered, send, clock, alice):
    conversation = send("Other").conversation
    remove_queued_prompts(conversation, alice)
    clock.move(minutes=1)

    run = send("Something else", conversation)

    assert isinstance(run, Run)
    assert prompt_of(run).parent is None


def test_a_limit_at_once_lets_the_next_go_when_any_run_ends(clock, limited, send, bob):
    limited(1, "concurrent", "ever")
    first = send("First")
    second, third = send("Second"), send("Third", user=bob)
    assert second.not_before is None
    assert send_due_prompts() == send_next_queued(first.thread.code) == []

    end(first)
    [run] = send_next_queued(first.thread.code)

    assert prompt_of(run).text == "Second"
    assert waiting() == ["Third"]
    end(run)
    # The process of the run has died: another one finds what waits.
    [last] = send_due_prompts()
    assert (prompt_of(last).text, last.user) == ("Third", bob)
    assert third.awaited_words == "the workspace's limit of 1 request at once"


def test_one_who_still_waits_spares_the_look_at_those_behind(clock, limited, send, monkeypatch):
    limited(1, "concurrent", "ever")
    send("First")
    for number in range(5):
        send(str(number))
    tried: list[str] = []

    def note(queued: QueuedPrompt) -> Any:
        tried.append(queued.text)
        return checked_choice(queued)

    monkeypatch.setattr("chat.flows.send_next_queued.checked_choice", note)

    assert send_due_prompts() == []

    assert tried == ["0"]


@pytest.mark.parametrize(
    "limits",
    [
        [{"lets_wait": False}],
        [{"lets_wait": True}, {"period": "day", "lets_wait": False}],
        [{"period": "day", "lets_wait": False}, {"lets_wait": True}],
        [{"lets_wait": True, "amount": 0}],
        [{"lets_wait": True, "unit": "input_tokens", "amount": 1}],
        [{"lets_wait": True, "unit": "concurrent", "period": "ever", "amount": 0}],
    ],
)
def test_it_is_refused_as_ever_if_waiting_would_not_help(limits, clock, limited, send):
    earlier = send("First")
    for each in limits:
        limited(**each)
    if any(not each["lets_wait"] for each in limits):
        end(earlier)

    with pytest.raises(LimitReached) as refusal:
        while True:
            assert isinstance(send("More"), Run)

    assert not refusal.value.may_wait
    assert waiting() == []
    assert Conversation.objects.count() == Run.objects.count()


def test_of_several_limits_it_waits_for_the_one_that_resets_last(clock, limited, send):
    limited(1, period="hour")
    limited(1, period="minute")
    limited(1, "concurrent", "ever")
    end(send("First"))

    queued = send("Second")

    assert queued.awaited_words == "the workspace's limit of 1 request per hour"
    assert queued.not_before == clock.at + timedelta(hours=1)


def test_another_refusal_at_its_turn_pauses_the_queue(answered, send, clock, limited):
    queued = send("Second", answered.thread)
    limited(1, period="day", lets_wait=False)
    clock.move(minutes=1)

    assert send_due_prompts() == send_due_prompts() == []

    queued.refresh_from_db()
    assert queued.refusal.startswith("The workspace's limit of 1 request per day has")
    assert (queued.awaited_limit, queued.not_before, queued.waits_since) == (None, None, None)
    assert pause_of(answered.thread) == Pause.REFUSED


def test_a_wait_of_more_than_an_hour_is_none(clock, limited, send, alice):
    limited(1, period="hour")
    end(send("First"))
    clock.move(minutes=30)
    queued = send("Second")
    clock.move(minutes=30)
    end(send("Overtaking"))
    version = queued.conversation.queue_version

    assert send_due_prompts() == []

    queued.refresh_from_db()
    assert queued.refusal.startswith("The workspace's limit of 1 request per hour has")
    assert pause_of(queued.conversation) == Pause.REFUSED
    assert queued.conversation.queue_version > version
    # A person who tries again starts another wait.
    assert resume_queue(queued.conversation, alice) is None
    queued.refresh_from_db()
    assert (queued.refusal, queued.waits_since) == ("", clock.at)
    assert pause_of(queued.conversation) == ""
    clock.move(hours=1)
    assert len(send_due_prompts()) == 1


def test_send_now_sends_if_the_limit_leaves_enough_by_now(answered, send, clock, alice):
    queued = send("Second", answered.thread)
    assert resume_queue(answered.thread, alice) is None
    queued.refresh_from_db()
    assert (pause_of(answered.thread), queued.not_before) == ("", clock.at + timedelta(minutes=1))
    Limit.objects.update(amount=2)

    run = resume_queue(answered.thread, alice)

    assert run is not None
    assert prompt_of(run).text == "Second"
    assert resume_queue(answered.thread, alice) is None


def test_the_end_of_the_answer_before_was_seen_when_it_was_sent(answered, send, clock):
    Run.objects.filter(pk=answered.pk).update(status=Run.Status.STOPPED)
    send("Second", answered.thread)
    clock.move(minutes=1)

    [run] = send_due_prompts()

    assert prompt_of(run).text == "Second"


def test_an_answer_that_failed_meanwhile_pauses(answered, send, clock, alice, choice):
    send("Second", answered.thread)
    clock.move(minutes=1)
    other = regenerate_answer(answered.message, alice, choice, uuid.uuid4())
    assert send_due_prompts() == []
    end(other, Run.Status.FAILED)
    Run.objects.filter(pk=other.pk).update(finished_at=clock.at)
    QueuedPrompt.objects.update(after=other.message)
    clock.move(minutes=1)

    assert send_due_prompts() == []

    assert pause_of(answered.thread) == Pause.FAILED


def test_what_is_not_sent_from_the_composer_is_refused_as_ever(answered, clock, alice, choice):
    with pytest.raises(LimitReached) as refusal:
        regenerate_answer(answered.message, alice, choice, uuid.uuid4())

    assert refusal.value.may_wait
    assert waiting() == []
