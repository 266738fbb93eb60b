"""The inspector of a run as a page of its own and as a fragment, and its files."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from chat.flows.delete_conversation import delete_conversation
from chat.models import Access, Conversation, Exchange, Run
from chat.pages.inspector import events as events_page
from chat.pages.inspector import raw as page
from playground.upstream.errors.exceptions import FailureKind, UpstreamError
from playground.upstream.recording.recorder import Recording
from playground.upstream.recording.replaying import gather

pytestmark = pytest.mark.django_db

SECRET = "sk-test-0123456789abcdef"
TABS = ("request", "raw", "events", "timeline", "cost", "code")
WHOLE = [
    b'data: {"choices": [{"delta": {"content": "<script>al',
    b'ert(1)</script>"}}]}\n\n',
    b"data: [DONE]\n\n",
]


def keep(run: Run, number: int = 1, status: int = 200, pieces: list[bytes] = WHOLE, **options) -> Exchange:
    recording = Recording(options.pop("max_bytes", 1024 * 1024))
    headers = [("Authorization", f"Bearer {SECRET}"), ("X-Client-Request-Id", str(run.code))]
    recording.note_request("POST", "https://x.example/v1/chat/completions", headers, b"{}", secret=SECRET)
    recording.note_answer(status, [("x-inference-id", "inf-1"), ("x-hostile", "<b>bold</b>")])
    for piece in pieces:
        recording.raw.add(piece)
    recording.note_end(**options)
    recording.close()
    exchange = Exchange.of(run, number, recording)
    assert exchange is not None
    exchange.save()
    return exchange


@pytest.fixture
def run(conversation: Conversation) -> Run:
    return conversation.runs.get()


@pytest.fixture
def client(client_for, alice):
    return client_for(alice)


def shown(client, run: Run, tab: str = "request", **asked: object) -> str:
    response = client.get(reverse("chat:exchanges", args=[run.code]), {"tab": tab, **asked})
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_receipt_leads_to_it(client, run):
    html = client.get(reverse("chat:conversation", args=[run.conversation.code])).content.decode()
    assert reverse("chat:exchanges", args=[run.code]) in html


def test_the_usage_page_leads_to_it(client, run, workspace):
    usage = reverse("accounts:usage", args=[workspace.slug])
    link = f'href="{reverse("chat:exchanges", args=[run.code])}"'
    assert link in client.get(usage).content.decode()

    delete_conversation(run.conversation, run.conversation.owner)
    html = client.get(usage).content.decode()
    assert "demo/plain" in html
    assert link not in html


def test_everyones_usage_leads_only_to_what_is_shared(client_for, ada, run, workspace):
    usage = reverse("accounts:usage_all", args=[workspace.slug])
    link = f'href="{reverse("chat:exchanges", args=[run.code])}"'
    assert link not in client_for(ada).get(usage).content.decode()

    Conversation.objects.update(workspace_access=Access.WRITE)
    assert link in client_for(ada).get(usage).content.decode()


def test_it_shows_the_request_and_the_answer(client, run):
    keep(run)
    html = shown(client, run)
    for words in ("https://x.example/v1/chat/completions", "POST", "X-Client-Request-Id", "Say hello"):
        assert words in html
    html = shown(client, run, "raw")
    assert "inf-1" in html
    assert html.count('class="piece"') == 3
    assert re.search(r'data-time="\d+ ms"', html)
    assert "Read to the end." in html


def test_nothing_of_it_is_markup(client, run):
    Run.objects.update(body={"messages": [{"role": "user", "content": "<img src=x onerror=1>"}]})
    keep(run)
    html = "".join(shown(client, run, tab) for tab in TABS)
    assert "<script>alert" not in html and "&lt;script&gt;al" in html
    assert "<b>bold" not in html and "<img src=x" not in html


def test_the_key_is_not_on_it(client, run):
    keep(run, pieces=[b"Wrong key: sk-test-0123", b"456789abcdef"])
    html = "".join(shown(client, run, tab) for tab in TABS)
    assert f"Bearer …{SECRET[-4:]}" in html
    assert SECRET not in html and "0123" not in html
    for name in ("raw_answer", "exchange_file"):
        assert b"456789" not in client.get(reverse(f"chat:{name}", args=[run.code, 1])).content


def test_it_shows_every_try(client, run):
    keep(run, 1, 503, [b'{"message": "Busy"}'])
    keep(run, 2, 200, [], error=UpstreamError(FailureKind.CUT, "The connection broke."))
    assert "The answer was cut off: The connection broke." in shown(client, run, "raw")
    first = shown(client, run, "raw", **{"try": 1})
    assert "Busy" in first and "503" in first
    assert "Try 2" in first
    # A number that no try has shows the last one.
    assert "The connection broke." in shown(client, run, "raw", **{"try": "9<"})


def test_beside_an_answer_it_is_a_fragment(client, run):
    keep(run)
    headers = {"HX-Request": "true"}
    html = client.get(reverse("chat:exchanges", args=[run.code]), headers=headers).content.decode()
    assert "<html" not in html
    assert html.count('role="tab"') == len(TABS)
    assert 'aria-selected="true">Request' in html.replace("\n", " ")


def test_a_tab_that_does_not_exist_is_the_first_one(client, run):
    keep(run)
    assert 'aria-labelledby="inspector-tab-request"' in shown(client, run, "<b>")


def test_events_are_those_of_the_run(client, run):
    keep(run)
    html = shown(client, run, "events")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    only = shown(client, run, "events", kind="text")
    assert only.count("<li data-findable>") == 1


def test_of_many_events_it_shows_both_ends(client, run, monkeypatch):
    monkeypatch.setattr(events_page, "FIRST_EVENTS", 3)
    monkeypatch.setattr(events_page, "LAST_EVENTS", 2)
    frame = 'data: {"choices": [{"delta": {"content": "word-%d "}}]}\n\n'
    keep(run, pieces=[(frame % number).encode() for number in range(40)])
    html = shown(client, run, "events", kind="text")
    assert re.findall(r"word-(\d+)", html) == ["0", "1", "2", "38", "39"]


def test_the_timeline_has_the_phases_in_their_order(client, run):
    keep(run, 1, 503, [b"busy"])
    keep(run, 2)
    at = run.created_at
    Run.objects.filter(pk=run.pk).update(
        started_at=at, first_token_ms=20, finished_at=at + timedelta(seconds=2)
    )
    html = shown(client, run, "timeline")
    names = re.findall(r'timeline-name">([^<]+)', html)
    assert [name.strip() for name in names] == [
        "Queued",
        "Preparing",
        "Try 1: connecting",
        "Wait before try 2",
        "Try 2: connecting",
        "Waiting for the first token",
        "Writing the answer",
    ]
    assert "status 503" in html
    assert "2.0 s from the prompt to the end" in html


def test_the_cost_says_where_each_figure_comes_from(client, run):
    html = shown(client, run, "cost")
    for words in ("Tokens in", "counted here", "Price out", "Hold", "settled", "Ledger entry", "estimated"):
        assert words in html


def test_a_live_run_shows_what_there_is(client, running_run):
    assert "Say hello" in shown(client, running_run)
    assert "so far" in shown(client, running_run, "timeline")
    for tab in ("raw", "events", "cost"):
        assert "after it has ended" in shown(client, running_run, tab)


def test_long_strings_are_folded(client, run):
    Run.objects.update(body={"messages": [{"role": "user", "content": "<x" * 400}]})
    html = shown(client, run)
    assert 'data-words="562 more characters"' in html
    assert html.count("&lt;") == 400


def test_of_a_long_answer_it_shows_both_ends(client, run, monkeypatch):
    monkeypatch.setattr(page, "FIRST_PIECES", 3)
    monkeypatch.setattr(page, "LAST_PIECES", 2)
    keep(run, pieces=[b"piece-%03d " % number for number in range(100)])
    html = shown(client, run, "raw")
    assert re.findall(r"piece-(\d+)", html) == ["000", "001", "002", "098", "099"]
    assert "95 pieces in between" in html


def test_it_is_bounded(client, run):
    Run.objects.update(body={"messages": [{"role": "user", "content": "x" * 400_000}]})
    keep(run, pieces=[b"y" * 100_000] * 20)
    for tab in TABS:
        assert len(shown(client, run, tab)) < 500_000


def test_it_says_what_was_dropped(client, run):
    keep(run, pieces=[uuid.UUID(int=number).bytes * 4_096 for number in range(8)], max_bytes=600)
    assert "from the middle were not kept" in shown(client, run, "raw")


def test_it_says_that_nothing_is_kept_any_more_and_shows_the_body(client, run):
    html = shown(client, run)
    assert "not stored, or were deleted" in html
    assert "Say hello" in html
    assert "not stored, or was deleted" in shown(client, run, "events")


# --- the files ---


def test_the_raw_answer_is_a_file_of_its_bytes(client, run):
    keep(run)
    response = client.get(reverse("chat:raw_answer", args=[run.code, 1]))
    assert response.content == b"".join(WHOLE)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment;")
    assert gather(response.content, "chat/completions").text == "<script>alert(1)</script>"


def test_the_other_file_has_the_times_and_all_else(client, run):
    keep(run, pieces=[*WHOLE, b"\xc3"])
    response = client.get(reverse("chat:exchange_file", args=[run.code, 1]))
    assert response["Content-Disposition"].startswith("attachment;")
    found = json.loads(response.content)
    assert [piece.get("text", "").encode() for piece in found["response"]["pieces"][:3]] == WHOLE
    assert found["response"]["pieces"][3]["hex"] == "c3"
    assert all(isinstance(piece["ms"], int) for piece in found["response"]["pieces"])
    assert found["request"]["body"] == run.body
    assert found["response"]["status"] == 200


def test_the_events_are_a_file_of_lines(client, run):
    keep(run)
    response = client.get(reverse("chat:events_file", args=[run.code, 1]))
    assert response["Content-Disposition"].startswith("attachment;")
    found = [json.loads(line) for line in response.getvalue().splitlines()]
    texts = [each["text"] for each in found if each["event"] == "text"]
    assert "".join(texts) == "<script>alert(1)</script>"
    assert all(isinstance(each["ms"], int) for each in found)


def test_the_request_is_a_file(client, run):
    response = client.get(reverse("chat:request_file", args=[run.code]))
    assert response["Content-Disposition"].startswith("attachment;")
    assert json.loads(response.content) == run.body
