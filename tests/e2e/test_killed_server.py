"""A server that is killed while an answer is being written, and started again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.installation import Installation

STORED = "sum(len(c.events) for c in RunChunk.objects.all())"
RUN = "Run.objects.values('status', 'answer__text', 'conversation__code')[0] | {'conversation__code': ''}"


def eventually(look: Callable[[], object], *, within: float) -> None:
    deadline = time.monotonic() + within
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_answer_so_far_is_kept_and_marked(installation: Installation, upstream, visitor):
    gate = upstream.hold_after(40)
    path = visitor.start("Tell me about rivers", "demo/plain", **{"p.temperature": "0"})
    assert gate.reached.wait(20)
    # The log is written once per tick, so the text before the gate is in it after the next tick.
    eventually(lambda: installation.query(STORED), within=10)

    installation.kill()
    gate.release()
    installation.start()

    eventually(lambda: installation.query(RUN)["status"] == "interrupted", within=30)
    kept = installation.query(RUN)["answer__text"]
    sent = sent_text(upstream)
    assert kept
    assert sent.startswith(kept)
    assert "Interrupted" in visitor.http.get(path).text
    assert installation.manage("audit_ledger")


def test_a_prompt_that_waits_for_a_limit_is_sent_after_the_restart(
    installation: Installation, upstream, visitor
):
    """The only place is that of an answer whose process is killed."""
    installation.query(
        "[Limit.objects.create(workspace=Workspace.objects.get(), unit='concurrent', period='ever', amount=1,"
        " lets_wait=True).pk]"
    )
    gate = upstream.hold_after(40)
    visitor.start("Tell me about rivers", "demo/plain", **{"p.temperature": "0"})
    path = visitor.start("Tell me about seas", "demo/plain", **{"p.temperature": "0"})
    assert gate.reached.wait(20)
    assert "Waits for the workspace" in visitor.http.get(path).text

    installation.kill()
    gate.release()
    installation.start()

    finished = "list(Run.objects.order_by('pk').values_list('status', flat=True))"
    eventually(lambda: installation.query(finished) == ["interrupted", "finished"], within=60)
    assert installation.query("QueuedPrompt.objects.count()") == 0
    assert "Tell me about seas" in visitor.http.get(path).text
    assert installation.manage("audit_ledger")


def sent_text(upstream) -> str:
    """Repeat the last request without the gate and return the whole answer."""
    body = {**upstream.requests[-1].body, "stream": False}
    answer = httpx.post(f"{upstream.base_url}/chat/completions", json=body, timeout=20).json()
    return str(answer["choices"][0]["message"]["content"])


def test_a_server_that_is_asked_to_stop_ends_its_runs_first(installation: Installation, upstream, visitor):
    gate = upstream.hold_after(40)
    visitor.start("Tell me about rivers", "demo/plain", **{"p.temperature": "0"})
    assert gate.reached.wait(20)

    installation.stop()
    gate.release()

    assert installation.query(RUN)["status"] == "interrupted"
    assert installation.query("Hold.objects.filter(state='open').count()") == 0


def test_a_background_answer_is_fetched_after_the_restart(installation: Installation, upstream, visitor):
    of = "model__model_id='demo/polyglot', model__provider__code='scripted', kind='responses'"
    upstream.api.background.looks = 10_000
    visitor.choose("demo/polyglot", f"Endpoint.objects.get({of}).pk")
    path = visitor.start("Why?", "demo/polyglot", **{"p.background": "true", "sent.stream": "off"})
    eventually(lambda: installation.query("Run.objects.get().background_id"), within=20)

    installation.kill()
    upstream.api.background.looks = 1
    installation.start()

    eventually(lambda: installation.query(RUN)["status"] == "finished", within=60)
    assert installation.query(RUN)["answer__text"].endswith("with 1 message.")
    assert [each.request.method for each in upstream.requests].count("POST") == 1
    assert "whole after" in visitor.http.get(path).text
    assert installation.manage("audit_ledger")
