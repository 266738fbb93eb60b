"""The page with a run's request and raw answer, and its files."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from django.urls import reverse

from chat.flows.delete_conversation import delete_conversation
from chat.models import Access, Conversation, Exchange, Run
from chat.pages import exchanges as page
from playground.upstream.errors.exceptions import FailureKind, UpstreamError
from playground.upstream.recording.recorder import Recording
from playground.upstream.recording.replaying import gather

pytestmark = pytest.mark.django_db

SECRET = "sk-test-0123456789abcdef"
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


def shown(client, run: Run) -> str:
    response = client.get(reverse("chat:exchanges", args=[run.code]))
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
    for words in (
        "https://x.example/v1/chat/completions",
        "POST",
        "X-Client-Request-Id",
        "inf-1",
        "Say hello",
    ):
        assert words in html
    assert html.count('class="piece"') == 3
    assert re.search(r'data-time="\d+ ms"', html)
    assert "Read to the end." in html


def test_nothing_of_it_is_markup(client, run):
    Run.objects.update(body={"messages": [{"role": "user", "content": "<img src=x onerror=1>"}]})
    keep(run)
    html = shown(client, run)
    assert "<script>alert" not in html and "&lt;script&gt;al" in html
    assert "<b>bold" not in html and "<img src=x" not in html


def test_the_key_is_not_on_it(client, run):
    keep(run, pieces=[b"Wrong key: sk-test-0123", b"456789abcdef"])
    html = shown(client, run)
    assert f"Bearer …{SECRET[-4:]}" in html
    assert SECRET not in html and "0123" not in html
    for name in ("raw_answer", "exchange_file"):
        assert b"456789" not in client.get(reverse(f"chat:{name}", args=[run.code, 1])).content


def test_it_shows_every_try(client, run):
    keep(run, 1, 503, [b'{"message": "Busy"}'])
    keep(run, 2, 200, [], error=UpstreamError(FailureKind.CUT, "The connection broke."))
    html = shown(client, run)
    assert "Try 1: answer" in html and "Try 2: answer" in html
    assert "The answer was cut off: The connection broke." in html
    assert html.count('id="body"') == 1


def test_of_a_long_answer_it_shows_both_ends(client, run, monkeypatch):
    monkeypatch.setattr(page, "FIRST_PIECES", 3)
    monkeypatch.setattr(page, "LAST_PIECES", 2)
    keep(run, pieces=[b"piece-%03d " % number for number in range(100)])
    html = shown(client, run)
    assert re.findall(r"piece-(\d+)", html) == ["000", "001", "002", "098", "099"]
    assert "95 pieces in between" in html


def test_it_is_bounded(client, run):
    Run.objects.update(body={"messages": [{"role": "user", "content": "x" * 400_000}]})
    keep(run, pieces=[b"y" * 100_000] * 20)
    assert len(shown(client, run)) < 400_000


def test_it_says_what_was_dropped(client, run):
    keep(run, pieces=[uuid.UUID(int=number).bytes * 4_096 for number in range(8)], max_bytes=600)
    assert "from the middle were not kept" in shown(client, run)


def test_it_says_that_nothing_is_kept_any_more_and_shows_the_body(client, run):
    html = shown(client, run)
    assert "not stored, or were deleted" in html
    assert "Say hello" in html


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
