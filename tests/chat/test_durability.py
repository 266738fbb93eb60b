"""A page shows what the upstream wrote, whatever happens to frames, sockets, tabs and processes.

Pages read one run in two processes: where it is relayed, and where it is copied from the log and from what
is told ahead of it. In between, frames get lost, sockets come back with old cursors, tabs reload, messages
are lost, late or doubled, and processes end. The log, the follower and every ending are the real ones.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as project
from django.utils.timezone import now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chat.flows.build_request import Choice
from chat.flows.checkpoint_runs import Stretch, checkpoint_runs
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.reap_runs import logged_answer, reap_runs
from chat.flows.send_prompt import start_conversation
from chat.live import tail
from chat.live.run import LiveRun
from chat.live.tail import Writer
from chat.markdown import render
from chat.models import Message, Run
from chat.sockets import news
from chat.sockets.cursors import Cursor
from chat.sockets.frames import delta
from chat.sockets.reader import RECHECK_SECONDS
from playground.upstream.events import Event, ReasoningDelta, ReasoningWasText, TextDelta, TextWasReasoning
from tests.chat.second_process import SecondProcess

if TYPE_CHECKING:
    from collections.abc import Callable

OWNER = "the process that relays"
TEXTS = st.one_of(
    st.sampled_from(
        [
            "a ",
            "b\n",
            "\n\n",
            "- c\n",
            "```\n",
            "x = 1\n",
            "**d**",
            "| e | f |\n",
            "|---|---|\n",
            "&<",
            "> g\n",
        ]
    ),
    st.text(st.sampled_from("äb \n*`|$<&1."), min_size=1, max_size=40),
)
_PART = re.compile(
    r'<div hx-swap-oob="(?P<how>\w+):#run-[0-9a-f-]{36}-(?P<where>[\w-]+)(?P<inner> \.growing)?">'
)


@dataclass
class Page:
    """A half-written answer as a tab shows it, and the socket behind it."""

    reads: LiveRun
    parts: dict[str, str] = field(default_factory=dict)
    # The cursor that the page acknowledged last; the socket's own is ahead while frames are on their way.
    known: str = ""
    cursor: Cursor = field(default_factory=Cursor)
    # Frames that were sent and not read yet, each with its cursor.
    on_the_way: list[tuple[str, str]] = field(default_factory=list)

    def send(self) -> None:
        if html := delta(self.reads, self.cursor):
            self.on_the_way.append((html, str(self.cursor)))

    def read(self) -> None:
        html, cursor = self.on_the_way.pop(0)
        found = list(_PART.finditer(html))
        ends = [*(part.start() for part in found[1:]), len(html)]
        for part, end in zip(found, ends, strict=bool(found)):
            body = html[part.end() : end].rstrip("\n").removesuffix("</div>")
            self._swap(part["how"], part["where"], bool(part["inner"]), body)
        self.known = cursor

    def _swap(self, how: str, where: str, is_inner: bool, body: str) -> None:
        shown = self.parts.get(where, "")
        if is_inner:
            assert shown.count('class="growing"') == 1
            self.parts[where] = shown.replace("</code>", f"{body}</code>")
        else:
            self.parts[where] = shown + body if how == "beforeend" else body

    def catch_up(self) -> None:
        self.send()
        while self.on_the_way:
            self.read()

    def come_back(self) -> None:
        """Open a new socket, which goes on where the page is; frames of the old one are lost."""
        self.cursor = Cursor(self.known)
        self.on_the_way.clear()

    @property
    def html(self) -> tuple[str, ...]:
        names = ("reasoning-blocks", "reasoning-tail", "blocks", "tail")
        return tuple(self.parts.get(name, "").strip() for name in names)


def html_of(live: LiveRun) -> tuple[str, ...]:
    halves = (live.reasoning_html, live.text_html)
    return tuple(part.strip() for half in halves for part in ("".join(half.blocks), half.open_end().html))


class Durability(RuleBasedStateMachine):
    open_run: Callable[[], Run]
    user: Any

    def __init__(self) -> None:
        super().__init__()
        self.run = type(self).open_run()
        self.origin = LiveRun(self.run.pk, self.run.code, self.run.thread.code)
        self.writer = Writer()
        self.there = SecondProcess()
        self.copy = self.there.follow(self.origin)
        self.written: list[Event] = []
        self.checkpointed = 0
        self.late: list[bytes] = []
        self.pages = [Page(self.origin), Page(self.copy)]
        self.ending, self.is_sudden = "finished", False
        self.screen = Page(self.copy)
        self.socket = self.there.open_page(self.user, self.copy)

    # The upstream, the relay and its log.

    @rule(pieces=st.lists(TEXTS, min_size=1, max_size=6), is_reasoning=st.booleans())
    def write(self, pieces: list[str], is_reasoning: bool) -> None:
        make = ReasoningDelta if is_reasoning else TextDelta
        self._receive([make(piece) for piece in pieces])

    @rule()
    def what_was_text_was_reasoning(self) -> None:
        self._receive([TextWasReasoning()])

    @rule(share=st.floats(0, 1))
    def the_end_of_the_reasoning_was_text(self, share: float) -> None:
        self._receive([ReasoningWasText(round(share * len(self.origin.answer.reasoning)))])

    def _receive(self, events: list[Event]) -> None:
        self.written += events
        self.origin.apply(events)

    @rule(fate=st.sampled_from(["lost", "heard", "heard", "heard twice", "late"]))
    def tell(self, fate: str) -> None:
        self.writer.gather([self.origin])
        message = self.writer.take()
        if message and fate == "late":
            self.late.append(message)
        elif message and fate != "lost":
            for _ in range(2 if fate == "heard twice" else 1):
                self.there.receive(message)

    @precondition(lambda self: self.late)
    @rule()
    def what_was_late_arrives(self) -> None:
        self.there.receive(self.late.pop(0))

    @rule()
    def a_flood_of_messages(self) -> None:
        """More than wait for a reader: the oldest are dropped before it has looked."""
        for number in range(12):
            self._receive([TextDelta(f"{number} ")])
            self.tell("heard")

    @rule(
        fate=st.sampled_from(["lost", "heard"]),
        how=st.sampled_from(["succeeds", "fails", "fails after its commit"]),
    )
    def checkpoint(self, fate: str, how: str) -> None:
        self.tell(fate)
        stretch = self.origin.stretch()
        if stretch is None or how == "fails":
            return
        checkpoint_runs(OWNER, [self.run.pk], [Stretch(self.run.pk, *stretch)])
        self.checkpointed, _ = stretch
        if how == "succeeds":
            self.origin.note_stored(self.checkpointed)

    # The other process.

    @rule(seconds=st.sampled_from([0.0, 0.05, 0.3, 1.1]))
    def time_passes(self, seconds: float) -> None:
        self.there.pass_time(seconds)

    @rule()
    def the_other_process_starts_again(self) -> None:
        self.there.close_page(self.socket)
        self.there.stop_following()
        before, self.copy = self.copy, self.there.follow(self.origin)
        self.screen.reads = self.copy
        self.socket = self.there.open_page(self.user, self.copy, self.screen.known)
        for page in self.pages:
            if page.reads is before:
                page.reads = self.copy
                page.come_back()

    # The socket, whose writer is the real one.

    @rule(pieces=st.lists(TEXTS, min_size=1, max_size=3))
    def a_wake_up_is_lost(self, pieces: list[str]) -> None:
        """Lose wake-ups, which costs a poll and nothing else."""
        self._socket_rests()
        looks = self.socket.looks
        self.socket.lose_wake_ups()
        self._receive([TextDelta(piece) for piece in pieces])
        self.tell("heard")
        self.there.pass_time(0)
        self.there.receive_wake_ups(self.socket.topic)
        self.there.pass_time(0)
        assert not self.socket.sent
        self.socket.find_wake_ups()

        self.there.pass_time(RECHECK_SECONDS)
        self._socket_rests()

        # Where there is one process only, no news of another can have been lost.
        assert self.socket.looks > looks or not project.REDIS_URL

    @rule()
    def a_flood_of_wake_ups(self) -> None:
        """Send a thousand wake-ups without news, of the run and of the conversation, which change nothing."""
        self._socket_rests()
        shown, looks = self.screen.html, self.socket.looks
        for _ in range(4):
            for _ in range(250):
                self.copy.wake_watchers()
            self.there.pass_time(0)
        assert self.socket.looks == looks
        for _ in range(4):
            self.there.receive_wake_ups(*[self.socket.topic] * 250)
        self.there.pass_time(0)

        assert not self.socket.sent
        # Over a real line it may look between two messages.
        assert 1 <= self.socket.looks - looks <= (4 if project.REDIS_URL else 1)
        assert self.screen.html == shown

    def _socket_rests(self) -> None:
        """Let all frames arrive, and check that the page shows what its process has."""
        for _ in range(3):
            self.there.pass_time(0.6)
        self.screen.on_the_way += self.socket.sent
        self.socket.sent.clear()
        while self.screen.on_the_way:
            self.screen.read()
        assert self.screen.html == html_of(self.copy)

    # The pages.

    @rule(data=st.data())
    def a_frame_is_sent(self, data: st.DataObject) -> None:
        self._any(data).send()

    @rule(data=st.data())
    def a_slow_reader_reads_one(self, data: st.DataObject) -> None:
        page = self._any(data)
        if page.on_the_way:
            page.read()

    @rule(data=st.data())
    def a_page_catches_up(self, data: st.DataObject) -> None:
        page = self._any(data)
        page.catch_up()
        assert page.html == html_of(page.reads)

    @rule(data=st.data(), goes_elsewhere=st.booleans(), times=st.integers(1, 2))
    def the_page_comes_back(self, data: st.DataObject, goes_elsewhere: bool, times: int) -> None:
        page = self._any(data)
        if goes_elsewhere:
            page.reads = self.copy if page.reads is self.origin else self.origin
        for _ in range(times):
            page.come_back()
            page.send()

    @rule(data=st.data(), paragraphs=st.integers(1, 4))
    def more_is_written_while_the_page_is_away(self, data: st.DataObject, paragraphs: int) -> None:
        page = self._any(data)
        page.catch_up()
        self._receive([TextDelta(f"\n\nParagraph {number}.") for number in range(paragraphs)])
        page.come_back()
        page.catch_up()
        assert page.html == html_of(page.reads)

    @rule(data=st.data(), cursor=st.text("0123456789abcdef.-", max_size=24))
    def the_page_comes_back_with_nonsense(self, data: st.DataObject, cursor: str) -> None:
        page = self._any(data)
        page.known = cursor
        page.come_back()

    @rule(data=st.data())
    def the_tab_reloads(self, data: st.DataObject) -> None:
        page = self._any(data)
        self.pages[self.pages.index(page)] = Page(page.reads)

    @precondition(lambda self: len(self.pages) < 4)
    @rule(is_here=st.booleans())
    def somebody_else_looks(self, is_here: bool) -> None:
        self.pages.append(Page(self.origin if is_here else self.copy))

    def _any(self, data: st.DataObject) -> Page:
        return self.pages[data.draw(st.integers(0, len(self.pages) - 1))]

    # The ends.

    @initialize(ending=st.sampled_from(["finished", "stopped", "killed"]), is_sudden=st.booleans())
    def it_will_end(self, ending: str, is_sudden: bool) -> None:
        """Choose the end at the beginning, since nothing can follow it."""
        self.ending, self.is_sudden = ending, is_sudden

    def teardown(self) -> None:
        try:
            if not self.is_sudden:
                self._everybody_catches_up()
            self.there.close_page(self.socket)
            if self.ending == "killed":
                assert reap_runs(owner=OWNER) == 1
                self._is_stored(self.written[: self.checkpointed], "interrupted")
            else:
                assert finish_run(self.run, Outcome(Run.Status(self.ending), self.origin.answer), fence=1)
                self._is_stored(self.written, self.ending)
            self.there.pass_time(1.1)
            self.there.pass_time(1.1)
            assert self.copy.has_ended and not self.copy.was_lost
        finally:
            self.there.close()

    def _everybody_catches_up(self) -> None:
        """Catch up from the log: two checkpoints and two polls are enough without any message."""
        # The first stores what an earlier one could not, the second what came since.
        self.checkpoint("lost", "succeeds")
        self.checkpoint("lost", "succeeds")
        self.there.pass_time(1.1)
        self.there.pass_time(1.1)
        assert self.copy.seq == self.origin.seq
        self._socket_rests()
        for page in self.pages:
            page.come_back()
            page.catch_up()
            assert page.html == html_of(page.reads)
        # A line that is being written may look otherwise where it came in other pieces; a whole one may not.
        for live in (self.origin, self.copy):
            live.reasoning_html.finish()
            live.text_html.finish()
        assert html_of(self.copy) == html_of(self.origin)

    def _is_stored(self, events: list[Event], status: str) -> None:
        """Check that the stored message, and the last frame of every page, are those of these events."""
        message = Message.objects.get(run=self.run)
        assert (message.text, message.reasoning) == told(events)
        last = news.done(self.user, self.run.thread.code, self.run.code)
        assert f'data-status="{status}"' in last
        assert render(message.text).strip() in last

    # Invariants.

    @invariant()
    def the_relay_has_what_the_upstream_wrote(self) -> None:
        assert (self.origin.answer.text, self.origin.answer.reasoning) == told(self.written)

    @invariant()
    def a_kill_now_would_keep_what_the_log_has(self) -> None:
        kept = logged_answer(self.run)
        assert (kept.text, kept.reasoning) == told(self.written[: self.checkpointed])

    @invariant()
    def the_copy_tells_a_beginning(self) -> None:
        assert (self.copy.answer.text, self.copy.answer.reasoning) == told(self.written[: self.copy.seq])


def told(events: list[Event]) -> tuple[str, str]:
    """Text and reasoning of these events, put together by the plainest means."""
    text = reasoning = ""
    for event in events:
        if isinstance(event, TextDelta):
            text += event.text
        elif isinstance(event, ReasoningDelta):
            reasoning += event.text
        elif isinstance(event, TextWasReasoning):
            text, reasoning = "", reasoning + text
        elif isinstance(event, ReasoningWasText):
            start = len(reasoning) - event.characters
            text, reasoning = text + reasoning[start:], reasoning[:start]
    return text, reasoning


@pytest.mark.django_db(transaction=True)
def test_every_page_shows_what_the_upstream_wrote(workspace, alice, endpoint, monkeypatch):
    monkeypatch.setattr(tail, "MOST_WAITING", 8)

    def open_run() -> Run:
        run = start_conversation(workspace, alice, "Say hello", Choice(endpoint, {}), uuid.uuid4())
        Run.objects.filter(pk=run.pk).update(
            status=Run.Status.RUNNING, lease_owner=OWNER, fence=1, started_at=now(), lease_expires_at=now()
        )
        return Run.objects.select_related("conversation").get(pk=run.pk)

    machine = type("Machine", (Durability,), {"open_run": staticmethod(open_run), "user": alice})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
