"""The runs that follow an answer: the next queued prompt and the title, which do not depend on each other."""

from __future__ import annotations

import uuid

from chat.flows import following_runs as module
from chat.flows.following_runs import following_runs
from chat.models import Run

NEXT, TITLE = Run(pk=1), Run(pk=2)


def _refuse(code: uuid.UUID) -> list[Run]:
    raise RuntimeError


def test_both_are_opened_and_a_process_that_ends_sends_no_prompt(monkeypatch):
    monkeypatch.setattr(module, "send_next_queued", lambda code: [NEXT])
    monkeypatch.setattr(module, "open_title_run", lambda pk: TITLE)
    assert following_runs(3, uuid.uuid4()) == [NEXT, TITLE]
    assert following_runs(3, None) == [TITLE]


def test_a_prompt_that_cannot_be_sent_does_not_cost_the_title(monkeypatch, caplog):
    monkeypatch.setattr(module, "send_next_queued", _refuse)
    monkeypatch.setattr(module, "open_title_run", lambda pk: TITLE)
    assert following_runs(3, uuid.uuid4()) == [TITLE]
    assert "could not be sent" in caplog.text
