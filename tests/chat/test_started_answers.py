"""Answers that a person starts and the model continues, and cut answers that go on."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from chat.flows import continue_answer as answering
from chat.flows.build_request import Choice
from chat.flows.continue_answer import REQUEST, continue_answer
from chat.flows.edit_message import edit_message
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.reap_runs import logged_answer
from chat.flows.regenerate_answer import regenerate_answer
from chat.flows.send_prompt import start_conversation
from chat.live.merging import merge
from chat.live.run import LiveRun
from chat.models import Message, Run, RunChunk
from chat.pages import continuing
from chat.pages.continuing import AS_PREFILL, AS_PROMPT, continuing_for
from chat.relays import background
from playground.models import Endpoint
from playground.upstream.answer import Answer
from playground.upstream.dialects import TranscriptRefused
from playground.upstream.dialects.prefilling import (
    NO_PLACE,
    REFUSED_BY_MODEL,
    REFUSED_WHILE_THINKING,
    trimmed,
    why_no_prefill,
)
from playground.upstream.dialects.shared.writing.accepts import read_accepts
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import Event, Failed, Finished, Prefilled, ReasoningDelta, TextDelta
from tests.official_shapes import errors_of, without_extensions

HTMX = {"HX-Request": "true"}
ANY = read_accepts(
    {"type": "object", "properties": {"messages": {"type": "array"}, "input": {"type": "array"}}}
)
PROMPTS_ONLY = read_accepts(
    {
        "type": "object",
        "properties": {
            "messages": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"role": {"enum": ["user"]}, "content": {"type": "string"}},
                },
            },
            "input": {"type": "string"},
        },
    }
)


@pytest.mark.parametrize("kind", ["chat/completions", "messages", "responses"])
@pytest.mark.parametrize(
    ("model_id", "parameters", "why"),
    [
        ("gpt-4o", {}, ""),
        ("claude-3-haiku-20240307", {}, ""),
        ("anthropic/claude-opus-4.5", {}, ""),
        ("claude-sonnet-4-5-20250929", {"thinking": {"type": "enabled"}}, REFUSED_WHILE_THINKING),
        ("claude-sonnet-4-5-20250929", {"thinking": {"type": "disabled"}}, ""),
        ("anthropic/claude-opus-4.6", {}, REFUSED_BY_MODEL),
        ("us.anthropic.claude-sonnet-5-v1", {}, REFUSED_BY_MODEL),
    ],
)
def test_who_continues_a_started_answer(kind, model_id, parameters, why):
    assert why_no_prefill(kind, ANY, model_id, parameters) == why


@pytest.mark.parametrize("kind", ["chat/completions", "messages", "responses"])
def test_a_schema_without_answers_has_no_place_for_one(kind):
    assert why_no_prefill(kind, PROMPTS_ONLY, "gemma") == NO_PLACE


def test_white_space_at_the_end_is_left_out():
    assert trimmed("  {\n \t") == "  {"


def ended(run, *events, status=Run.Status.FINISHED):
    answer = Answer()
    for event in events:
        answer.apply(event)
    assert finish_run(run, Outcome(status, answer), fence=0)
    return Run.objects.select_related("answer__parent", "conversation", "endpoint").get(pk=run.pk)


@pytest.fixture
def started(workspace, alice, endpoint):
    return start_conversation(workspace, alice, "List", Choice(endpoint, {}, prefill="1. One"), uuid.uuid4())


@pytest.mark.django_db
@pytest.mark.usefixtures("books_agree")
class TestStartedAnswers:
    def test_it_is_sent_last_and_stored_first(self, started):
        assert started.body["messages"][-1] == {"role": "assistant", "content": "1. One"}
        run = ended(started, Prefilled("1. One"), TextDelta("\n2. Two"), Finished("stop"))
        assert run.message.text == "1. One\n2. Two"
        assert run.message.data == {"prefill": "1. One"}

    def test_only_what_the_model_wrote_is_counted(self, started):
        run = ended(started, Prefilled("1. One " * 900), TextDelta("x"), Finished("stop"))
        assert run.output_tokens < 10

    def test_nothing_is_stored_if_nothing_came(self, started):
        run = ended(started, Prefilled("1. One"), status=Run.Status.STOPPED)
        assert (run.message.text, run.message.data) == ("", {})

    def test_the_live_page_and_the_log_have_it(self, started):
        events: list[Event] = [Prefilled("**A"), TextDelta("b**"), ReasoningDelta("Hm")]
        live = LiveRun(started.pk, started.code, None)
        live.apply(events)
        assert live.tokens == 2
        assert "<strong>Ab</strong>" in live.text_html.open_end().html
        RunChunk.objects.create(run=started, seq=3, events=merge(events))
        assert logged_answer(started).whole_text == "**Ab**"
        live.rewind()
        live.apply(events)
        assert "<strong>Ab</strong>" in live.text_html.open_end().html
        ended(started, *events)

    def test_another_answer_starts_the_same_way(self, started, alice, endpoint):
        run = ended(started, Prefilled("1. One"), TextDelta("!"), Finished("stop"))
        again = regenerate_answer(run.message, alice, Choice(endpoint, {}), uuid.uuid4())
        assert again.prefill == "1. One"
        ended(again)

    def test_a_model_that_refuses_is_not_asked(self, workspace, alice, endpoint):
        endpoint.model.model_id = "claude-opus-4-6"
        with pytest.raises(TranscriptRefused, match="refuses answers"):
            start_conversation(workspace, alice, "x", Choice(endpoint, {}, prefill="y"), uuid.uuid4())
        assert not Message.objects.exists()

    def test_the_composer_takes_it_and_the_page_marks_it(
        self, workspace, alice, endpoint, client_for, monkeypatch
    ):
        monkeypatch.setattr(background, "start", lambda run: None)
        client = client_for(alice)
        url = reverse("chat:new", args=[workspace.slug])
        assert 'name="prefill"' in client.get(url, {"model": endpoint.model.pk}).content.decode()
        values = {"text": "List", "prefill": "1. **One**\n ", "idempotency_key": str(uuid.uuid4())}
        client.post(
            reverse("chat:start", args=[workspace.slug]), values | {"endpoint": endpoint.pk}, headers=HTMX
        )
        run = Run.objects.get()
        assert run.prefill == "1. **One**"
        page = reverse("chat:conversation", args=[run.thread.code])
        assert 'data-prefill="5"' in client.get(page).content.decode()
        ended(run, Prefilled(run.prefill), TextDelta(" and two"), Finished("stop"))
        html = client.get(page).content.decode()
        assert 'data-prefill="5"' in html
        assert "<strong>One</strong> and two" in html

    def test_a_copy_marks_it_too_and_other_words_do_not(self, started, alice, client_for):
        run = ended(started, Prefilled("1. One"), TextDelta("!"), Finished("stop"))
        edit_message(run.message.parent, alice, "Count")
        page = reverse("chat:conversation", args=[run.thread.code])
        assert 'data-prefill="5"' in client_for(alice).get(page).content.decode()
        copy = Message.objects.get(role="assistant", copied_from=run.message)
        edit_message(copy, alice, "Nothing")
        assert 'data-prefill="' not in client_for(alice).get(page).content.decode()


CUT = [
    (Run.Status.FINISHED, (TextDelta("One, two, "), Finished("length"))),
    (Run.Status.STOPPED, (TextDelta("One, two, "),)),
    (Run.Status.INTERRUPTED, (TextDelta("One, two, "),)),
    (Run.Status.FAILED, (TextDelta("One, two, "), Failed(FailureKind.CONNECT, "Gone"))),
]


@pytest.mark.django_db
@pytest.mark.usefixtures("books_agree")
class TestContinuing:
    @pytest.mark.parametrize(("status", "events"), CUT)
    def test_a_cut_answer_is_the_beginning_of_another_one(self, queued_run, alice, endpoint, status, events):
        run = ended(queued_run, *events, status=status)
        assert continuing_for([(run, run.message)]) == {run.pk: AS_PREFILL}
        more = continue_answer(run, alice, endpoint, uuid.uuid4())
        assert more.body["messages"][-1] == {"role": "assistant", "content": "One, two,"}
        more = ended(more, Prefilled(more.prefill), TextDelta(" three"), Finished("stop"))
        assert more.message.text == "One, two, three"
        assert more.message.parent == run.message.parent
        # The partial answer is as it was.
        run.message.refresh_from_db()
        assert run.message.text == "One, two, "

    def test_where_no_answer_can_be_started_a_prompt_asks_for_the_rest(
        self, queued_run, alice, endpoint, monkeypatch
    ):
        run = ended(queued_run, TextDelta("One"), status=Run.Status.STOPPED)
        for module in (answering, continuing):
            monkeypatch.setattr(module, "why_no_prefill", lambda *_: "It refuses.")
        assert continuing_for([(run, run.message)]) == {run.pk: AS_PROMPT}
        key = uuid.uuid4()
        more = continue_answer(run, alice, endpoint, key)
        assert [message["content"] for message in more.body["messages"]] == ["Say hello", "One", REQUEST]
        asked = more.message.parent
        assert asked is not None
        assert asked.parent == run.answer
        assert continue_answer(run, alice, endpoint, key) == more
        ended(more)

    @pytest.mark.parametrize(
        ("status", "events"),
        [
            (Run.Status.FINISHED, (TextDelta("One"), Finished("stop"))),
            (Run.Status.STOPPED, ()),
            (Run.Status.STOPPED, (ReasoningDelta("Hm"),)),
        ],
    )
    def test_what_is_whole_or_empty_does_not_go_on(self, queued_run, alice, client_for, status, events):
        run = ended(queued_run, *events, status=status)
        assert continuing_for([(run, run.message)]) == {}
        url = reverse("chat:continue_answer", args=[run.message.code])
        response = client_for(alice).post(url, {"idempotency_key": str(uuid.uuid4())}, headers=HTMX)
        assert response.status_code == 422
        assert Run.objects.count() == 1

    def test_the_page_says_what_continue_sends(self, queued_run, alice, client_for, monkeypatch):
        started: list[Run] = []
        monkeypatch.setattr(background, "start", started.append)
        run = ended(queued_run, TextDelta("One"), status=Run.Status.STOPPED)
        client = client_for(alice)
        html = client.get(reverse("chat:conversation", args=[run.thread.code])).content.decode()
        assert "Sends this answer as the beginning of a new version." in html
        url = reverse("chat:continue_answer", args=[run.message.code])
        assert client.post(url, {"idempotency_key": str(uuid.uuid4())}, headers=HTMX).status_code == 200
        assert [each.prefill for each in started] == ["One"]
        ended(started[0])


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["chat/completions", "messages", "responses"])
def test_the_official_clients_could_send_a_started_answer(workspace, alice, catalogue, kind):
    endpoint = Endpoint.objects.select_related("model__provider").filter(kind=kind).order_by("pk")[0]
    run = start_conversation(workspace, alice, "List", Choice(endpoint, {}, prefill="1. One"), uuid.uuid4())
    assert errors_of(kind, without_extensions(kind, run.body)) == []
    assert "1. One" in str(run.body.get("messages", run.body.get("input"))[-1])
