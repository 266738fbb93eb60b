"""Changes of a conversation by two people at once: no message is lost, and every version can be reached."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.models import LedgerEntry, User
from chat.exceptions import AnswerPending, ChangeRefused
from chat.flows.build_request import Choice, build_request
from chat.flows.continue_answer import continue_answer
from chat.flows.delete_message import delete_message
from chat.flows.edit_message import edit_message
from chat.flows.edit_prompt import edit_prompt
from chat.flows.edit_result import edit_result
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.fork_conversation import fork_conversation
from chat.flows.insert_examples import insert_examples
from chat.flows.regenerate_answer import regenerate_answer
from chat.flows.return_tool_results import Result, return_tool_results
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.flows.show_sibling import show_sibling
from chat.models import Conversation, Message, Run
from chat.pages.continuing import is_cut
from chat.transcript import Tree, branch, calls_of
from playground.models import Endpoint
from playground.upstream.answer import Answer
from playground.upstream.dialects import TranscriptRefused
from playground.upstream.events import Event, Finished, Prefilled, TextDelta, ToolCallDelta
from tests.official_shapes import errors_of, without_extensions

KINDS = ("chat/completions", "messages", "responses")
PEOPLE, PLACES, TEXTS = st.integers(0, 1), st.integers(0, 40), st.sampled_from(["x", "**y**\n", "z "])
ENDINGS: dict[str, tuple[Run.Status, tuple[Event, ...]]] = {
    "whole": (Run.Status.FINISHED, (TextDelta("Done."), Finished("stop"))),
    "cut": (Run.Status.FINISHED, (TextDelta("Half "), Finished("length"))),
    "stopped": (Run.Status.STOPPED, (TextDelta("Half "),)),
    "empty": (Run.Status.FAILED, ()),
    "calls": (Run.Status.FINISHED, (ToolCallDelta(0, "call_1", "look", "{}"), Finished("tool_calls"))),
}
REFUSALS = (AnswerPending, ChangeRefused, TranscriptRefused)


def reachable(conversation: Conversation) -> set[int]:
    """Return the messages that a page can show by stepping through the versions of what it shows."""
    tree = Tree(conversation)
    seen: set[int] = set()
    leaves = [conversation.head_id or 0]
    while leaves:
        path = tree.path(leaves.pop())
        fresh = [pk for pk in path if pk not in seen]
        seen.update(fresh)
        leaves += [
            tree.newest_leaf(other) for pk in fresh for other in tree.siblings(pk) if other not in seen
        ]
    return seen


def assert_whole(conversation: Conversation) -> None:
    """Check that the page shows a branch down to its end, and that all others can be reached from there."""
    conversation.refresh_from_db()
    tree = Tree(conversation)
    assert conversation.head_id is not None
    assert tree.newest_leaf(conversation.head_id) == conversation.head_id
    stored = Message.objects.filter(conversation=conversation).values_list("pk", flat=True)
    assert reachable(conversation) == set(stored)


class TreeOperations(RuleBasedStateMachine):
    """Two people change conversations from pages that may be out of date."""

    people: tuple[User, User]
    choices: tuple[Choice, ...]
    workspace: Any

    def __init__(self) -> None:
        super().__init__()
        self.conversations: list[Conversation] = []
        self.live: list[Run] = []
        # The runs that were opened, and all messages that were ever stored, as they were.
        self.opened = 0
        self.known: dict[int, tuple[Any, ...]] = {}

    def _open(self, open_run: Any) -> None:
        run = self._try(open_run)
        if run is not None:
            self.live.append(run)
            self.opened += 1

    def _try(self, act: Any) -> Any:
        try:
            return act()
        except REFUSALS:
            return None

    def _message(self, place: int) -> Message:
        """Return any message, also one that no page shows any more."""
        messages = Message.objects.select_related("conversation", "parent").filter(
            conversation__in=self.conversations
        )
        return messages[place % messages.count()]

    def _shown(self, place: int) -> Message:
        conversation = self.conversations[place % len(self.conversations)]
        conversation.refresh_from_db()
        path = Tree(conversation).path(conversation.head_id)
        return Message.objects.select_related("conversation", "parent").get(pk=path[place % len(path)])

    @initialize(kind=st.sampled_from(range(3)))
    def start(self, kind: int) -> None:
        run = start_conversation(self.workspace, self.people[0], "Hi", self.choices[kind], uuid.uuid4())
        self.conversations.append(run.thread)
        self.live.append(run)
        self.opened += 1

    @rule(how=st.sampled_from(sorted(ENDINGS)))
    def end(self, how: str) -> None:
        if self.live:
            run = self.live.pop(0)
            status, events = ENDINGS[how]
            answer = Answer()
            for event in (*((Prefilled(run.prefill),) if run.prefill else ()), *events):
                answer.apply(event)
            assert finish_run(run, Outcome(status, answer), fence=0)
            self.known.pop(run.answer_id or 0, None)

    @rule(who=PEOPLE, where=PLACES, kind=st.integers(0, 2), prefill=st.sampled_from(["", "Well,"]))
    def send(self, who: int, where: int, kind: int, prefill: str) -> None:
        conversation = self.conversations[where % len(self.conversations)]
        choice = Choice(self.choices[kind].endpoint, {}, prefill=prefill)
        self._open(lambda: send_prompt(conversation, self.people[who], "More", choice, uuid.uuid4()))

    @rule(who=PEOPLE, place=PLACES, text=TEXTS, is_shown=st.booleans())
    def save(self, who: int, place: int, text: str, is_shown: bool) -> None:
        message = self._shown(place) if is_shown else self._message(place)
        self._try(lambda: edit_message(message, self.people[who], text))

    @rule(who=PEOPLE, place=PLACES, text=TEXTS, kind=st.integers(0, 2))
    def ask_again(self, who: int, place: int, text: str, kind: int) -> None:
        message, user, choice = self._message(place), self.people[who], self.choices[kind]
        if message.role == Message.Role.USER:
            self._open(lambda: edit_prompt(message, user, text, choice, uuid.uuid4()))
        elif message.role == Message.Role.TOOL:
            self._open(lambda: edit_result(message, user, text, choice, uuid.uuid4()))
        elif message.parent is not None:
            self._open(lambda: regenerate_answer(message, user, choice, uuid.uuid4()))

    @rule(
        who=PEOPLE,
        place=PLACES,
        above=st.booleans(),
        said=st.sampled_from([("in", "out"), ("in", ""), ("", "out")]),
    )
    def insert(self, who: int, place: int, above: bool, said: tuple[str, str]) -> None:
        message = self._shown(place)
        self._try(lambda: insert_examples(message, self.people[who], *said, above=above))

    @rule(who=PEOPLE, place=PLACES, is_shown=st.booleans(), undo=st.booleans())
    def delete(self, who: int, place: int, is_shown: bool, undo: bool) -> None:
        message = self._shown(place) if is_shown else self._message(place)
        deleted = self._try(lambda: delete_message(message, self.people[who]))
        if deleted and undo:
            show_sibling(deleted.old_head, self.people[who])

    @rule(who=PEOPLE, place=PLACES)
    def fork(self, who: int, place: int) -> None:
        if len(self.conversations) < 3:
            fork = self._try(lambda: fork_conversation(self._message(place), self.people[who]))
            self.conversations += [fork] if fork else []

    @rule(who=PEOPLE, place=PLACES)
    def show(self, who: int, place: int) -> None:
        show_sibling(self._message(place), self.people[who])

    @rule(who=PEOPLE, place=PLACES, kind=st.integers(0, 2))
    def give_results(self, who: int, place: int, kind: int) -> None:
        message = self._message(place)
        if calls_of(message):
            results = [Result("seen")] * len(calls_of(message))
            self._open(
                lambda: return_tool_results(
                    message, self.people[who], results, self.choices[kind], uuid.uuid4()
                )
            )

    @rule(who=PEOPLE, place=PLACES)
    def go_on(self, who: int, place: int) -> None:
        message = self._message(place)
        run = (
            Run.objects.select_related("answer__parent", "conversation", "endpoint__model__provider")
            .filter(answer=message)
            .first()
        )
        if run is not None and run.endpoint is not None and is_cut(run, message):
            self._open(lambda: continue_answer(run, self.people[who], run.endpoint, uuid.uuid4()))

    @invariant()
    def nothing_is_lost(self) -> None:
        rows = Message.objects.filter(conversation__in=self.conversations)
        found = {row[0]: row[1:] for row in rows.values_list("pk", "parent", "conversation", "role", "text")}
        assert self.known.items() <= found.items()
        live = {run.answer_id for run in self.live}
        self.known = {pk: row for pk, row in found.items() if pk not in live}

    @invariant()
    def every_version_can_be_reached(self) -> None:
        for conversation in self.conversations:
            assert_whole(conversation)

    def teardown(self) -> None:
        runs = Run.objects.filter(conversation__in=self.conversations)
        assert runs.count() == self.opened == runs.values("answer").distinct().count()
        while self.live:
            self.end("whole")
        assert LedgerEntry.objects.filter(run_code__in=runs.values("code")).count() <= self.opened
        for conversation in self.conversations:
            conversation.refresh_from_db()
            assert_sendable(conversation, self.choices)


def assert_sendable(conversation: Conversation, choices: tuple[Choice, ...]) -> None:
    """Check that the official clients could send the shown branch to every endpoint."""
    messages = [*branch(conversation, conversation.head_id), Message(role=Message.Role.USER, text="Next")]
    for choice in choices:
        kind = choice.endpoint.kind
        try:
            body = build_request(choice, conversation.workspace_id, messages).body
        except TranscriptRefused as refusal:
            # The first prompt was deleted.
            assert "needs a prompt at the start" in str(refusal)
            continue
        assert errors_of(kind, without_extensions(kind, body)) == []


@pytest.fixture
def choices(catalogue) -> tuple[Choice, ...]:
    endpoints = Endpoint.objects.select_related("model__provider")
    return tuple(Choice(endpoints.filter(kind=kind).order_by("pk")[0], {}) for kind in KINDS)


@pytest.mark.django_db
def test_two_people_change_conversations(workspace, alice, bob, choices):
    own = {"people": (alice, bob), "choices": choices, "workspace": workspace}
    run_state_machine_as_test(
        type("Machine", (TreeOperations,), own),
        settings=settings(
            max_examples=14,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db(transaction=True)
def test_eight_changes_at_the_same_moment(workspace, alice, bob, choices):
    run = start_conversation(workspace, alice, "Hi", choices[0], uuid.uuid4())
    status, events = ENDINGS["whole"]
    answer = Answer()
    for event in events:
        answer.apply(event)
    assert finish_run(run, Outcome(status, answer), fence=0)
    conversation = Conversation.objects.get(pk=run.thread.pk)
    prompt, last = branch(conversation, conversation.head_id)
    acts = [
        lambda: edit_message(prompt, alice, "One"),
        lambda: edit_message(last, bob, "Two"),
        lambda: insert_examples(prompt, alice, "in", "out", above=True),
        lambda: insert_examples(last, bob, "in", "out", above=False),
        lambda: delete_message(last, alice),
        lambda: delete_message(prompt, bob),
        lambda: send_prompt(conversation, bob, "More", choices[1], uuid.uuid4()),
        lambda: fork_conversation(last, bob),
    ]
    ready = Barrier(len(acts))

    def act(number: int) -> Any:
        try:
            ready.wait(20)
            return acts[number]()
        except REFUSALS as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        done = list(pool.map(act, range(len(acts))))

    assert_whole(conversation)
    texts = set(Message.objects.filter(conversation=conversation).values_list("text", flat=True))
    assert {"Hi", "Done."} <= texts
    if isinstance(done[0], Message):
        assert "One" in texts
    assert len(branch(done[7], done[7].head_id)) == 2
    for opened in Run.objects.filter(status__in=Run.LIVE):
        assert finish_run(opened, Outcome(Run.Status.STOPPED, Answer()), fence=0)
