from __future__ import annotations

import re
import uuid

import pytest
from django.urls import reverse

from accounts.models import Hold, LedgerEntry, Limit
from chat.exceptions import AnswerPending, IdempotencyConflict
from chat.flows.build_request import Choice
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.return_tool_results import Result, return_tool_results
from chat.flows.send_prompt import start_conversation
from chat.models import Access, Conversation, Message, Run
from chat.relays import background
from playground.models import Endpoint
from playground.upstream.answer import Answer
from playground.upstream.events import Finished, ToolCallDelta

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]

HTMX = {"HX-Request": "true"}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}]


@pytest.fixture(autouse=True)
def started(monkeypatch) -> list[Run]:
    handed: list[Run] = []
    monkeypatch.setattr(background, "start", handed.append)
    return handed


@pytest.fixture
def choice(catalogue) -> Choice:
    endpoints = Endpoint.objects.select_related("model__provider")
    return Choice(endpoints.get(model__model_id="demo/tools"), {"tools": TOOLS})


@pytest.fixture
def asking(workspace, alice, choice) -> Message:
    """An answer that wants two calls, the second without an id."""
    run = start_conversation(workspace, alice, "Weather in Oslo and Rome?", choice, uuid.uuid4())
    answer = Answer()
    for event in (
        ToolCallDelta(0, "call_a", "get_weather", '{"city":"Oslo"}'),
        ToolCallDelta(1, "", "get_weather", '{"city":"Rome"}'),
        Finished("tool_calls"),
    ):
        answer.apply(event)
    assert finish_run(run, Outcome(Run.Status.FINISHED, answer), fence=0)
    return Message.objects.select_related("conversation").get(run=run)


RESULTS = [Result("Rain"), Result("No such city", is_error=True)]


def posted(**changes: str) -> dict[str, str]:
    return {
        "idempotency_key": str(uuid.uuid4()),
        "result-1-text": "Rain",
        "result-2-text": "No such city",
        "result-2-failed": "true",
        **changes,
    }


def url_of(message: Message) -> str:
    return reverse("chat:return_tool_results", args=[message.code])


def test_the_results_stand_below_the_answer_in_the_order_of_its_calls(asking, alice, choice):
    run = return_tool_results(asking, alice, RESULTS, choice, uuid.uuid4())

    second = run.message.parent
    assert second is not None
    assert (second.role, second.text) == ("tool", "No such city")
    assert second.data == {"tool_call_id": "call_2", "name": "get_weather", "is_error": True}
    first = second.parent
    assert first is not None
    assert (first.text, first.data) == ("Rain", {"tool_call_id": "call_a", "name": "get_weather"})
    assert first.parent == asking
    assert Conversation.objects.get().head == run.answer


def test_the_model_is_sent_its_calls_with_their_results(asking, alice, choice):
    run = return_tool_results(asking, alice, RESULTS, choice, uuid.uuid4())
    assert run.body["tools"] == TOOLS
    assert run.body["messages"][2:] == [
        {"role": "tool", "tool_call_id": "call_a", "content": "Rain"},
        # This dialect has no field for a failure, so the text has to say it.
        {"role": "tool", "tool_call_id": "call_2", "content": "Error: No such city"},
    ]
    assert [call["id"] for call in run.body["messages"][1]["tool_calls"]] == ["call_a", "call_2"]


def test_the_same_click_twice_is_one_run(asking, alice, choice):
    key = uuid.uuid4()
    first = return_tool_results(asking, alice, RESULTS, choice, key)
    assert return_tool_results(asking, alice, RESULTS, choice, key).pk == first.pk
    assert Message.objects.filter(role="tool").count() == 2


def test_the_same_key_with_other_results_is_refused(asking, alice, choice):
    key = uuid.uuid4()
    return_tool_results(asking, alice, RESULTS, choice, key)
    with pytest.raises(IdempotencyConflict):
        return_tool_results(asking, alice, [Result("Sun"), Result("Sun")], choice, key)


def test_results_wait_for_an_answer_that_is_being_written(asking, alice, choice):
    return_tool_results(asking, alice, RESULTS, choice, uuid.uuid4())
    with pytest.raises(AnswerPending):
        return_tool_results(asking, alice, RESULTS, choice, uuid.uuid4())
    assert Message.objects.filter(role="tool").count() == 2


@pytest.mark.parametrize("results", [[], RESULTS[:1], [*RESULTS, Result("One more")]])
def test_some_results_without_the_others_are_none(asking, alice, choice, results):
    with pytest.raises(ValueError, match="exactly one result"):
        return_tool_results(asking, alice, results, choice, uuid.uuid4())


def test_the_page_asks_for_each_result_and_takes_them(asking, alice, client_for, started):
    client = client_for(alice)
    page = client.get(reverse("chat:conversation", args=[asking.conversation.code])).content.decode()
    assert page.count('class="tool-answer"') == 2

    response = client.post(url_of(asking), posted(), headers=HTMX)

    assert response.status_code == 200
    [run] = started
    assert [message["content"] for message in run.body["messages"][2:]] == [
        "Rain",
        "Error: No such city",
    ]
    html = response.content.decode()
    assert "data-append" in html
    assert html.count('class="message tool"') == 2
    page = client.get(reverse("chat:conversation", args=[asking.conversation.code])).content.decode()
    assert page.count('class="message tool"') == 2
    assert "Failed" in page
    assert 'class="tool-answer"' not in page


@pytest.mark.parametrize("missing", ["", "  \n "])
def test_a_call_without_a_result_is_named_and_nothing_is_stored(asking, alice, client_for, started, missing):
    before = Message.objects.count()
    response = client_for(alice).post(url_of(asking), posted(**{"result-2-text": missing}), headers=HTMX)

    assert response.status_code == 422
    html = response.content.decode()
    assert "get_weather: Enter the result" in html
    # The reason stands at the result, too, and an earlier one at the other result goes.
    marked = re.findall(
        rf'<p id="result-error-{asking.code}-(\d)"[^>]*oob[^>]*?(data-wrong="[^"]*")?>(.*?)</p>', html
    )
    assert [(place, wrong) for place, wrong, _ in marked] == [("1", ""), ("2", 'data-wrong="result-2-text"')]
    assert [text.startswith("Enter the result") for *_, text in marked] == [False, True]
    page = client_for(alice).get(reverse("chat:conversation", args=[asking.conversation.code]))
    assert f'aria-describedby="result-error-{asking.code}-2"' in page.content.decode()
    assert (Message.objects.count(), started) == (before, [])


def test_past_a_limit_nothing_is_stored(asking, alice, client_for, workspace, started):
    Limit.objects.create(workspace=workspace, unit="requests", period="day", amount=1)
    before = Message.objects.count(), LedgerEntry.objects.count()
    response = client_for(alice).post(url_of(asking), posted(), headers=HTMX)

    assert response.status_code == 422
    assert "1 request per day" in response.content.decode()
    assert (Message.objects.count(), LedgerEntry.objects.count()) == before
    assert not Hold.objects.filter(state=Hold.State.OPEN).exists()
    assert started == []


def test_an_answer_that_asks_for_nothing_takes_no_results(conversation, alice, client_for):
    assert client_for(alice).post(url_of(conversation.head), posted(), headers=HTMX).status_code == 404


def test_a_prompt_instead_of_results_goes_out_without_the_calls(asking, alice, client_for, started):
    url = reverse("chat:send", args=[asking.conversation.code])
    click = {"idempotency_key": str(uuid.uuid4()), "text": "Never mind"}
    client_for(alice).post(url, click, headers=HTMX)
    # Both prompts are one message then.
    [message] = started[0].body["messages"]
    assert message["role"] == "user"
    assert message["content"].endswith("\n\nNever mind")


def test_a_reader_sees_the_calls_and_no_form(asking, vera, client_for):
    Conversation.objects.update(workspace_access=Access.WRITE)
    url = reverse("chat:conversation", args=[asking.conversation.code])
    page = client_for(vera).get(url).content.decode()
    assert page.count("Wants to call") == 2
    assert 'class="tool-answer"' not in page
    assert client_for(vera).post(url_of(asking), posted()).status_code == 403


def test_it_rejects_get(asking, alice, client_for):
    assert client_for(alice).get(url_of(asking)).status_code == 405


def test_it_is_not_found_for_others(asking, bob, carol, client_for):
    assert client_for(bob).post(url_of(asking), posted()).status_code == 404
    assert client_for(carol).post(url_of(asking), posted()).status_code == 404


def test_it_asks_to_sign_in(asking, client):
    assert client.post(url_of(asking), posted()).status_code == 302
