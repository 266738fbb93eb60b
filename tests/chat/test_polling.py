"""A page without a socket: it asks now and then, and gets the frames that a socket would have sent."""

from __future__ import annotations

import json
import uuid

import pytest

from chat.flows.delete_conversation import delete_conversation
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.rename_conversation import rename_conversation
from chat.live import registry
from chat.live.run import LiveRun
from chat.models import Access, Run
from playground.upstream.answer import Answer
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import Finished, Retrying, TextDelta

pytestmark = pytest.mark.django_db(transaction=True)


class PollingPage:
    """The state of a page between two polls."""

    def __init__(self, client, conversation, *, title: str | None = None) -> None:
        self.client = client
        self.url = f"/c/{conversation.code}/frames/"
        self.state: dict[str, object] = {"head": "", "cursors": {}, "title": title or conversation.title}

    def poll(self) -> str:
        response = self.client.get(self.url, {"state": json.dumps(self.state)})
        if response.status_code == 204:
            return ""
        assert response.status_code == 200
        html = ""
        for frame in response.json()["frames"]:
            html += frame["html"]
            self.state |= {"head": frame["head"], "cursors": frame["cursors"]}
        return html


@pytest.fixture
def live(running_run):
    """A run that this process relays."""
    live_run = LiveRun(running_run.pk, running_run.code, running_run.conversation.code)
    registry.open_relayed(live_run)
    yield live_run
    registry.close_relayed(live_run)


def test_nothing_new_is_nothing_to_read_and_cheap(
    conversation, alice, client_for, django_assert_max_num_queries
):
    page = PollingPage(client_for(alice), conversation)
    assert 'id="message-' in page.poll()

    with django_assert_max_num_queries(5):
        assert page.poll() == ""


def test_a_running_answer_comes_in_pieces_and_ends_as_it_is_stored(live, running_run, alice, client_for):
    page = PollingPage(client_for(alice), running_run.conversation)
    live.apply([TextDelta("A *first* paragraph.\n\nA sec")])
    first = page.poll()
    assert f'data-run="{live.code}"' in first
    assert "<em>first</em>" in first

    live.apply([TextDelta("ond one.")])
    second = page.poll()
    assert "A second one." in second
    assert "<em>first</em>" not in second, "a finished block is sent once"

    answer = Answer()
    for event in (TextDelta("A *first* paragraph.\n\nA second one."), Finished("stop")):
        answer.apply(event)
    assert finish_run(running_run, Outcome(Run.Status.FINISHED, answer), fence=1)
    third = page.poll()
    assert 'data-status="finished"' in third
    assert page.state["cursors"] == {}
    assert page.poll() == ""


def test_a_notice_disappears_once_it_is_out_of_date(live, running_run, alice, client_for):
    page = PollingPage(client_for(alice), running_run.conversation)
    live.apply([Retrying(FailureKind.OVERLOADED, seconds=30, number=2, most=3)])
    assert "data-countdown" in page.poll()

    live.apply([TextDelta("Now.")])

    assert f"#run-{live.code}-notice" in page.poll()


def test_a_new_title_comes_with_the_next_poll(conversation, alice, client_for):
    page = PollingPage(client_for(alice), conversation)
    page.poll()
    rename_conversation(conversation, alice, "Another title")

    assert "Another title" in page.poll()


@pytest.mark.parametrize(
    "state", ["", "no JSON", "[]", '{"head": 5, "cursors": [1], "title": {}}', "{" * 40_000]
)
def test_a_state_that_makes_no_sense_gets_the_whole_thread(state, conversation, alice, client_for):
    response = client_for(alice).get(f"/c/{conversation.code}/frames/", {"state": state})

    [frame] = response.json()["frames"]
    assert "Say hello" in frame["html"]
    assert response["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_a_wrong_method_is_refused(conversation, alice, client_for):
    assert client_for(alice).post(f"/c/{conversation.code}/frames/").status_code == 405


def test_a_stranger_and_a_wrong_code_get_a_404(conversation, alice, carol, client_for):
    assert client_for(carol).get(f"/c/{conversation.code}/frames/").status_code == 404
    assert client_for(alice).get(f"/c/{uuid.uuid4()}/frames/").status_code == 404


def test_who_is_signed_out_is_sent_to_sign_in(conversation, client):
    response = client.get(f"/c/{conversation.code}/frames/")

    assert response.status_code == 302
    assert response.url.startswith("/sign-in/")


def test_who_loses_access_gets_no_further_frame(conversation, alice, bob, client_for):
    conversation.workspace_access = Access.WRITE
    conversation.save()
    page = PollingPage(client_for(bob), conversation)
    assert page.poll()
    conversation.workspace_access = Access.NONE
    conversation.save()

    assert client_for(bob).get(page.url, {"state": json.dumps(page.state)}).status_code == 404


def test_a_conversation_that_was_just_deleted_says_so_to_its_readers(conversation, alice, carol, client_for):
    delete_conversation(conversation, alice)
    address = f"/c/{conversation.code}/frames/"

    assert client_for(alice).get(address).status_code == 410
    assert client_for(carol).get(address).status_code == 404
