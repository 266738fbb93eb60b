"""An experiment that two processes advance: paused by one, capped anew, and taken over from a killed one."""

# Fixtures are imported by their names, which the parameters of tests then repeat.
# ruff: noqa: F811
from __future__ import annotations

from collections import Counter

import pytest

from tests.e2e.test_killed_experiment import (
    ASKED,
    BOOKED,
    ENDED,
    LIVE,
    OF_MODELS,
    PRICES,
    STATE,
    USED,
    posted,
)
from tests.e2e.test_killed_server import eventually
from tests.e2e.test_two_processes import servers, visitor  # noqa: F401
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.redis
CASES = 120
# Cells whose run ended with the killed process are errors, and nothing asks for them again by itself.
LOST = "Cell.objects.filter(state='error', error__contains='server ended').count()"


def test_two_processes_send_each_case_once_whatever_happens_to_one(servers, visitor, upstream):
    here, there = servers
    other = Visitor(there)
    other.http.cookies = visitor.http.cookies
    here.query(PRICES)
    upstream.speed = 0.1
    table = posted(visitor, "/w/acme-research/tables/new/", name="Rivers", columns="river")
    rows = "\n".join(f"River {number}" for number in range(CASES))
    posted(visitor, f"{table}load/", text=f"river\n{rows}")
    models = here.query(f"list({OF_MODELS}.values_list('pk', flat=True)[:1])")
    numbers = {"repetitions": "1", "concurrency": "4", "cap_usd": "0.0005"}
    sent = {"text": "Describe {{river}}", "models": models, "sets": '{"max_tokens": 8}'}
    page = posted(visitor, f"{table}experiments/new/", **sent, **numbers)

    # The cap stops both, and nothing was spent over it.
    eventually(lambda: here.query(STATE) == "paused" and here.query(LIVE) == 0, within=60)
    assert 0 < here.query(USED) == here.query(BOOKED) <= 1_000
    before = here.query(ENDED)
    assert 0 < before < CASES

    # Another cap, set in the other process; a pause there holds for this one too.
    posted(other, f"{page}resume/", cap_usd="0.01")
    eventually(lambda: here.query(ENDED) > before, within=60)
    posted(other, f"{page}pause/")
    eventually(lambda: here.query(LIVE) == 0, within=60)
    asked = len(here.query(ASKED))
    assert here.query(STATE) == "paused" and asked < CASES
    # The next looks at the experiment, by both processes, open nothing.
    assert [there.query(LIVE) for _ in range(3)] == [0, 0, 0] and len(here.query(ASKED)) == asked

    posted(visitor, f"{page}resume/")
    eventually(lambda: len(here.query(ASKED)) > asked, within=60)
    here.kill()
    upstream.speed = 1.0
    eventually(lambda: there.query(STATE) == "finished" and there.query(LIVE) == 0, within=120)

    assert there.query(ENDED) == CASES == len(there.query(ASKED)) == len(set(map(tuple, there.query(ASKED))))
    bodies = Counter(str(request.body["messages"]) for request in upstream.requests)
    assert len(bodies) >= CASES - there.query(LOST) and max(bodies.values()) == 1
    assert there.query("LedgerEntry.objects.filter(purpose='case').count()") <= CASES
    assert there.query(USED) == there.query(BOOKED) <= 20_000
    assert there.query("Hold.objects.filter(state='open').count()") == 0
    assert there.manage("audit_ledger")
    other.http.close()
