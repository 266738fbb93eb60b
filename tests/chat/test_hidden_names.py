"""A comparison that hides its names: no page, fragment, file or frame of it tells which models answer."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse
from django.urls.exceptions import NoReverseMatch

from accounts.models import Limit
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.hide_names import hide_names
from chat.live.run import LiveRun
from chat.models import Conversation, Run
from chat.relays import background
from chat.sockets.cursors import Cursor
from chat.sockets.frames import delta
from chat.sockets.news import news
from chat.urls import urlpatterns
from playground.models import UpstreamModel
from playground.upstream.answer import Answer
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import Failed, Finished, Retrying, TextDelta
from tests.chat.comparing import columns_of, compare, endpoint_named, send

pytestmark = pytest.mark.django_db(transaction=True)

# The catalogue's names of the two models, and those in requests.
NAMES = ("demo plain", "demo markdown", "demo/plain", "demo/markdown")
# They end the comparison, or show its names.
ENDS = {"delete", "blind", "choose_answer", "remove_column", "delete_message"}


@pytest.fixture(autouse=True)
def nothing_is_started(monkeypatch):
    monkeypatch.setattr(background, "start", lambda run: None)


@pytest.fixture
def entry(workspace, alice, catalogue) -> Conversation:
    """A comparison with an answer, one that failed in the provider's words, and hidden names."""
    entry = compare(workspace, alice, 2)
    first, second = send(entry, alice)
    answered, failed = Answer(), Answer()
    for event in (TextDelta("An answer."), Finished("stop")):
        answered.apply(event)
    failed.apply(Failed(FailureKind.NOT_FOUND, "There is no demo/markdown.", detail="no demo/markdown"))
    assert finish_run(first, Outcome(Run.Status.FINISHED, answered), fence=0)
    assert finish_run(second, Outcome(Run.Status.FAILED, failed), fence=0)
    hide_names(entry, alice)
    return Conversation.objects.get(pk=entry.pk)


def told(text: str) -> list[str]:
    return [name for name in NAMES if name in text.lower()]


def addresses(entry: Conversation) -> list[tuple[str | None, str]]:
    """Return the addresses of the comparison and of all that belongs to it, with their names."""
    columns = columns_of(entry)
    runs = Run.objects.filter(conversation__in=columns)
    codes = [entry.code, *(column.code for column in columns), *(run.code for run in runs)]
    codes += [message.code for column in columns for message in column.messages.all()]
    found = []
    for pattern in urlpatterns:
        for code in codes:
            for kwargs in ({"code": code}, {"code": code, "number": 1}):
                try:
                    found.append((pattern.name, reverse(f"chat:{pattern.name}", kwargs=kwargs)))
                except NoReverseMatch:
                    continue
    return found


def test_no_page_and_no_file_tells_a_hidden_name(entry, alice, client_for):
    client = client_for(alice)
    answered = set()
    for name, address in addresses(entry):
        for headers in ({}, {"HX-Request": "true"}):
            response = client.get(address, headers=headers)
            assert told(response.getvalue().decode()) == [], address
            answered |= {name} if response.status_code == 200 else set()

    assert {"comparison", "frames", "column_settings", "figures", "difference", "message_text"} <= answered
    assert not {"exchanges", "code", "export", "message_menu", "save_as_prompt", "request_file"} & answered


def test_no_change_tells_a_hidden_name(entry, alice, client_for):
    client = client_for(alice)
    chosen = {"part": "system", "way": "right", "use": "1", "endpoint": endpoint_named("demo/plain").pk}
    for name, address in addresses(entry):
        if name in ENDS:
            continue
        data = {"text": "Hello", "idempotency_key": uuid.uuid4(), "place": "above", **chosen}
        response = client.post(address, data, headers={"HX-Request": "true"})
        assert told(response.getvalue().decode()) == [], address
    assert not Conversation.objects.filter(column_of=None, is_comparison=False).exists()


@pytest.mark.parametrize("why", ["a limit", "no model"])
def test_a_refusal_does_not_tell_which_model_it_is_about(why, workspace, entry, alice, client_for):
    if why == "a limit":
        Limit.objects.create(
            workspace=workspace, unit="requests", period="day", amount=0, model_pattern="demo/plain"
        )
    else:
        UpstreamModel.objects.filter(model_id="demo/plain").update(is_enabled=False)
    codes = [column.code for column in columns_of(entry)]
    data = {"text": "Hello", "idempotency_key": uuid.uuid4(), "column": codes}

    refused = client_for(alice).post(reverse("chat:send_to_columns", args=[entry.code]), data)

    assert refused.status_code == 422
    assert "Show the names to see the reason." in refused.text
    assert "Nothing was sent to any column." in refused.text
    assert told(refused.text) == []


def test_no_frame_tells_a_hidden_name_or_the_speed_of_an_answer(entry, alice):
    for column in columns_of(entry):
        for access in ("read", "write"):
            found = news(alice, column.code, "", [], "Another title", access, "0", "0")
            assert found.hides_names
            assert told(found.html) == []

    live = LiveRun(0, uuid.uuid4(), uuid.uuid4())
    live.apply([Retrying(FailureKind.OVERLOADED, 5, 1, 3, provider="Demo Plain")])
    assert told(delta(live, Cursor())) == ["demo plain"]
    assert told(delta(live, Cursor(), hides_names=True)) == []
    live.apply([TextDelta("Hello")])
    assert "receipt" in delta(live, Cursor())
    html = delta(live, Cursor(), hides_names=True)
    assert "Hello" in html
    assert "receipt" not in html


def test_the_names_are_told_again_once_somebody_has_chosen(entry, alice, client_for):
    client = client_for(alice)
    column = Conversation.objects.get(column_of=entry, model__model_id="demo/plain")
    run = Run.objects.get(conversation=column)
    inspector = reverse("chat:exchanges", args=[run.code])
    refused = client.get(inspector)
    assert refused.status_code == 403
    assert "Choose the best answer first" in refused.text

    client.post(reverse("chat:choose_answer", args=[column.code]), {"note": ""})

    assert client.get(inspector).status_code == 200
    assert len(told(client.get(reverse("chat:comparison", args=[entry.code])).text)) >= 2
