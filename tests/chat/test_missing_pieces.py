"""Pieces of an answer that cannot be read: the answer says how many, live and afterwards."""

from __future__ import annotations

import doctest
import uuid
from html import unescape

import pytest
from django.urls import reverse

from chat.flows.finish_run import Outcome, finish_run
from chat.live.merging import merge
from chat.live.run import LiveRun
from chat.models import Run
from chat.pages import endings
from chat.sockets.cursors import Cursor
from chat.sockets.frames import delta
from playground.upstream.answer import Answer
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.errors.failures import not_understood
from playground.upstream.events import Failed, TextDelta, Unreadable, decode_events

ONE = "1 piece of this answer could not be read and is missing here."
TWO = "2 pieces of this answer could not be read and are missing here."


def test_the_examples_hold():
    assert doctest.testmod(endings).failed == 0


def test_a_live_answer_says_how_many_are_missing_so_far():
    live, cursor = LiveRun(1, uuid.uuid4(), uuid.uuid4()), Cursor()
    live.apply([TextDelta("First "), Unreadable(1)])
    assert ONE in delta(live, cursor)
    live.apply([Unreadable(2), TextDelta("part.")])
    cursor.parts_at = 0.0
    assert TWO in delta(live, cursor)
    # The log of a killed process has the number as well.
    answer = Answer()
    for event in decode_events(merge([TextDelta("a"), Unreadable(1), TextDelta("b"), Unreadable(2)])):
        answer.apply(event)
    assert (answer.text, answer.unreadable_pieces) == ("ab", 2)


@pytest.fixture
def page(running_run, client_for, alice):
    """Return a function that ends the run with these events and shows one of its pages."""

    def show(*events, view: str = "conversation", error: dict[str, str] | None = None) -> str:
        answer = Answer()
        for event in events:
            answer.apply(event)
        status = Run.Status.FAILED if error else Run.Status.FINISHED
        finish_run(running_run, Outcome(status, answer, error=error), fence=1)
        code = running_run.code if view == "exchanges" else running_run.conversation.code
        return unescape(client_for(alice).get(reverse(f"chat:{view}", args=[code])).content.decode())

    return show


@pytest.mark.django_db
class TestAnAnswerThatHasEnded:
    def test_it_says_how_many_are_missing(self, page):
        html = page(TextDelta("First part."), Unreadable(2))
        assert TWO in html
        assert "“Inspect” has everything that came." in html

    def test_it_says_so_beside_a_failure(self, page):
        html = page(
            TextDelta("Half"), Unreadable(1), error={"kind": "cut", "message": "The connection broke."}
        )
        assert ONE in html
        assert "The connection was cut" in html

    def test_it_says_nothing_if_nothing_is_missing(self, page):
        assert "missing here" not in page(TextDelta("Whole."))

    def test_a_failure_to_read_anything_says_it_once(self, page):
        error = not_understood("<html>Oops</html>")
        html = page(
            Unreadable(1), error={"kind": error.kind, "message": error.message, "detail": error.detail}
        )
        assert "sent an answer that cannot be read" in html
        assert "missing here" not in html

    def test_the_page_of_the_raw_answer_says_it(self, page):
        assert TWO in page(TextDelta("First part."), Unreadable(2), view="exchanges")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "heading", "quoted"),
    [
        (not_understood("Bad day"), "What the provider said", ">Bad day<"),
        (not_understood(None), "", ""),
        # Earlier versions stored this sentence as the provider's.
        (Failed(FailureKind.MALFORMED, f"{not_understood(None).message}", detail="It was empty."), "", ""),
        (
            Failed(FailureKind.CONNECT, "x.example could not be reached.", detail="[Errno 111] refused"),
            "Technical details",
            ">[Errno 111] refused<",
        ),
        (
            Failed(
                FailureKind.MALFORMED, "x.example did not answer in valid HTTP.", detail="illegal status line"
            ),
            "Technical details",
            ">illegal status line<",
        ),
    ],
)
def test_only_the_provider_is_quoted_as_the_provider(page, error, heading, quoted):
    html = page(error={"kind": str(error.kind), "message": error.message, "detail": error.detail})
    assert ("What the provider said" in html) == (heading == "What the provider said")
    assert ("Technical details" in html) == (heading == "Technical details")
    assert quoted in html
    assert html.count("It was empty.") == ("It was empty." in error.message)
