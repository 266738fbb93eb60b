"""The parts of an answer beside its text: on the page while it arrives, at the end, and after a reload."""

from __future__ import annotations

import re
import uuid
from html import unescape

import pytest
from django.urls import reverse

from chat.exceptions import ChoiceTooLate
from chat.flows.build_request import Choice
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.select_choice import select_choice
from chat.flows.send_prompt import send_prompt
from chat.live.run import LiveRun
from chat.models import Message, Run
from chat.pages.answers import LAST_CHARACTERS, sources_of
from chat.sockets import frames
from chat.sockets.cursors import Cursor
from chat.sockets.frames import delta, is_behind
from chat.sockets.news import done
from chat.transcript import calls_of, transcript_for
from playground.upstream.answer import Answer
from playground.upstream.dialects.shared.transcript import Text
from playground.upstream.events import (
    Citation,
    Event,
    Finished,
    HostedToolCall,
    ReasoningDelta,
    ReasoningOpaque,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def ended(queued_run):
    """The run after these events."""

    def make(*events: Event) -> Run:
        answer = Answer()
        for event in events:
            answer.apply(event)
        assert finish_run(queued_run, Outcome(Run.Status.FINISHED, answer), fence=0)
        return Run.objects.select_related("answer__conversation", "conversation").get(pk=queued_run.pk)

    return make


@pytest.fixture
def page_of(alice, client_for):
    def get(run: Run) -> str:
        url = reverse("chat:conversation", args=[run.thread.code])
        return unescape(client_for(alice).get(url).content.decode())

    return get


def article(html: str, run: Run) -> str:
    start = html.index(f'id="message-{run.message.code}"')
    return html[start : html.index("</article>", start)]


THREE = (
    TextDelta("**First**"),
    ReasoningDelta("Hm, second", choice=1),
    TextDelta("**Second**", choice=1),
    RefusalDelta("No third", choice=2),
    ToolCallDelta(0, "call_x", "look_up", "{}", choice=1),
    Finished("stop"),
    Finished("length", choice=1),
    Finished("stop", choice=2),
)


def test_each_of_several_answers_is_shown_whole(ended, page_of):
    html = article(page_of(ended(*THREE)), Run.objects.get())
    assert html.count('role="tab"') == 3
    assert html.count('role="tabpanel"') == 3
    for words in ("<strong>First</strong>", "<strong>Second</strong>", "Hm, second", "No third", "look_up"):
        assert words in html
    assert "This answer stopped at the token limit." in html


def test_what_was_streamed_and_what_a_reload_shows_are_one_fragment(ended, page_of, alice):
    run = ended(*THREE, HostedToolCall("1", "web_search", input="kettles"), Citation("https://example.org"))
    frame = unescape(done(alice, run.conversation.code, run.code))
    oob = f' hx-swap-oob="outerHTML:#message-{run.answer.code}"'
    assert article(frame.replace(oob, ""), run) == article(page_of(run), run)


def test_one_answer_needs_no_tabs(ended, page_of):
    assert 'role="tab"' not in page_of(ended(TextDelta("Hi"), Finished("stop")))


def test_the_conversation_goes_on_from_the_answer_that_was_chosen(
    ended, alice, endpoint, client_for, page_of
):
    run = ended(*THREE)
    url = reverse("chat:select_choice", args=[run.answer.code])
    response = client_for(alice).post(url, {"answer": "2"}, headers=HTMX)
    assert response.status_code == 200
    assert re.search(r'aria-selected="true"\s+data-choice="2"', response.content.decode())

    answer = Message.objects.get(pk=run.answer_id)
    [turn] = transcript_for(endpoint.model, [answer])
    assert turn.parts == (Text("**Second**"),)
    assert [call.id for call in calls_of(answer)] == ["call_x"]
    assert 'class="tool-answer"' in page_of(run)
    again = send_prompt(run.conversation, alice, "Go on", Choice(endpoint, {}), uuid.uuid4())
    assert again.body["messages"][1]["content"] == "**Second**"


def test_what_has_gone_on_stays_as_it_was_sent(ended, alice, endpoint, client_for):
    run = ended(*THREE)
    send_prompt(run.conversation, alice, "Go on", Choice(endpoint, {}), uuid.uuid4())
    with pytest.raises(ChoiceTooLate):
        select_choice(run.answer, run.conversation.owner, 2)
    url = reverse("chat:select_choice", args=[run.answer.code])
    assert "Go on" in client_for(alice).post(url, {"answer": "2"}, headers=HTMX).content.decode()
    assert "chosen" not in Message.objects.get(pk=run.answer_id).data


@pytest.mark.parametrize("number", ["0", "4", "x", "", "99999"])
def test_an_answer_that_there_is_not_cannot_be_chosen(ended, alice, client_for, number):
    url = reverse("chat:select_choice", args=[ended(*THREE).answer.code])
    assert client_for(alice).post(url, {"answer": number}, headers=HTMX).status_code == 404


def test_each_answer_can_be_copied(ended, alice, client_for):
    url = reverse("chat:message_text", args=[ended(*THREE).answer.code])
    texts = [client_for(alice).get(url, {"answer": number}).content.decode() for number in ("1", "2", "9")]
    assert texts == ["**First**", "**Second**", ""]


def test_a_tool_of_the_provider_says_what_it_did(ended, page_of):
    search = HostedToolCall(
        "1",
        "web_search",
        status="completed",
        input="kettle sizes",
        output="found <b>much</b>",
        results=[
            {"url": "https://kettles.example/a", "title": "Kettles"},
            {"url": "javascript:alert(1)", "title": "Bad"},
        ],
    )
    html = page_of(
        ended(search, HostedToolCall("2", "mcp", "ask", "failed"), TextDelta("Hi"), Finished("stop"))
    )
    for words in ("Searched the web", "kettle sizes", "2 results", "kettles.example", "Called ask", "Failed"):
        assert words in html
    assert 'href="https://kettles.example/a" rel="noopener noreferrer nofollow"' in html
    assert "javascript:alert" not in html


def test_a_page_that_is_cited_twice_is_one_source():
    found = sources_of(
        [
            {"url": "https://a.example/x#one", "title": "", "quote": "one"},
            {"url": "https://b.example/", "title": "B"},
            {"url": "https://a.example/x", "title": "A", "quote": "two"},
        ]
    )
    assert [(source.numbers, source.link.title, source.quotes) for source in found] == [
        ("1, 3", "A", ["one", "two"]),
        ("2", "B", []),
    ]


@pytest.mark.parametrize("url", ["http://[#x", "https://[broken", "ftp://x.example", "data:text/html,x", ""])
def test_what_is_not_on_the_web_is_no_link(url):
    [source] = sources_of([{"url": url, "title": "T"}])
    assert (source.link.url, source.link.title) == ("", "T")


@pytest.mark.parametrize(
    ("data", "is_said"),
    [
        ({"type": "redacted_thinking", "data": "x"}, True),
        ({"type": "reasoning", "encrypted_content": "x", "summary": []}, True),
        ({"type": "thinking", "thinking": "Hm", "signature": "x"}, False),
        ({"type": "tool_call", "id": "1", "extra_content": {}}, False),
    ],
)
def test_reasoning_that_was_withheld_is_mentioned(ended, page_of, data, is_said):
    html = page_of(ended(ReasoningOpaque(data), TextDelta("Hi"), Finished("stop")))
    assert ("The provider withheld part of the reasoning." in html) is is_said


# --- while it comes ---


def live_run() -> LiveRun:
    return LiveRun(1, uuid.uuid4(), uuid.uuid4())


def test_what_stands_beside_the_text_comes_with_the_frames():
    live, cursor = live_run(), Cursor()
    delta(live, cursor)
    live.apply(
        [HostedToolCall("1", "web_search", status="in_progress", input="kettles"), TextDelta("B", choice=1)]
    )
    cursor.parts_at = 0.0
    html = delta(live, cursor)
    for words in ("Searched the web", "kettles", "Working…", "Answer 2"):
        assert words in html
    assert not is_behind(live, cursor)
    assert delta(live, cursor) == ""


def test_it_comes_seldom_and_is_not_forgotten(monkeypatch):
    monkeypatch.setattr(frames, "PARTS_SECONDS", 1000)
    live, cursor = live_run(), Cursor()
    live.apply([TextDelta("one", choice=1)])
    assert "one" in delta(live, cursor)
    live.apply([TextDelta(" two", choice=1)])
    assert "two" not in delta(live, cursor)
    assert is_behind(live, cursor)
    cursor.parts_at -= 1000
    assert "one two" in delta(live, cursor)


def test_only_the_last_of_what_is_long_is_sent():
    live, cursor = live_run(), Cursor()
    live.apply([TextDelta("x" * 50, choice=1) for _ in range(1000)])
    live.apply([ToolCallDelta(0, "c", "run", "y" * 100_000)])
    html = delta(live, cursor)
    assert html.count("x" * LAST_CHARACTERS) == 1
    assert len(html) < 8 * LAST_CHARACTERS


def test_a_reader_who_comes_late_gets_all_of_it():
    live = live_run()
    live.apply([TextDelta("Hi"), Citation("https://example.org", "Kettles"), RefusalDelta("No")])
    html = delta(live, Cursor())
    assert "Kettles" in html and "The model declined: No" in html


def test_after_a_retry_nothing_of_the_first_try_is_left():
    live, cursor = live_run(), Cursor()
    live.apply([Citation("https://example.org", "Kettles")])
    assert "Kettles" in delta(live, cursor)
    live.rewind()
    assert "Kettles" not in delta(live, cursor)
