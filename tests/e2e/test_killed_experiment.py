"""An experiment of 200 cases and three models under a cap, whose server is killed in the middle."""

from __future__ import annotations

import html
from collections import Counter
from typing import TYPE_CHECKING

from tests.e2e.test_killed_server import eventually

if TYPE_CHECKING:
    from tests.installation import Installation

MODELS = ("demo/plain", "demo/markdown", "demo/tools")
OF_MODELS = f"UpstreamModel.objects.filter(provider__code='scripted', model_id__in={MODELS})"
# In credits for a million tokens: an answer costs about twenty credits.
PRICES = f"{OF_MODELS}.update(input_price=1000000, output_price=2000000)"
ENDED = "Cell.objects.exclude(state__in=['waiting', 'running']).count()"
STATE = "Experiment.objects.get().state"
LIVE = "Run.objects.filter(status__in=['queued', 'running']).count()"
USED = "LimitWindow.objects.get(limit=Experiment.objects.get().cap).used"
BOOKED = "sum(LedgerEntry.objects.filter(purpose='case').values_list('credits', flat=True))"
ASKED = "[[run.model_id, str(run.body['messages'])] for run in Run.objects.filter(made_for='case')]"


def posted(visitor, path: str, **data) -> str:
    answer = visitor._post(path, data, htmx=False)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def test_a_killed_experiment_sends_no_case_twice(installation: Installation, visitor, upstream):
    assert installation.query(PRICES) == 3
    table = posted(visitor, "/w/acme-research/tables/new/", name="Rivers", columns="river")
    posted(visitor, f"{table}load/", text="river\n" + "\n".join(f"River {number}" for number in range(200)))
    models = installation.query(f"list({OF_MODELS}.values_list('pk', flat=True))")
    numbers = {"repetitions": "1", "concurrency": "8", "cap_usd": "0.003"}
    sent = {"text": "Describe {{river}}", "models": models, "sets": '{"max_tokens": 8}'}
    page = posted(visitor, f"{table}experiments/new/", **sent, **numbers)
    eventually(lambda: installation.query(ENDED) > 20, within=60)

    installation.kill()
    installation.start()
    eventually(lambda: installation.query(STATE) == "paused" and installation.query(LIVE) == 0, within=120)

    assert "The experiment's limit of $0.003" in html.unescape(visitor.http.get(page).text)
    assert 20 < installation.query(ENDED) < 600
    assert installation.query(USED) == installation.query(BOOKED) <= 6_000
    asked = installation.query(ASKED)
    assert (
        len(set(map(tuple, asked)))
        == len(asked)
        == installation.query("Cell.objects.exclude(run=None).count()")
    )
    bodies = Counter((sent.body["model"], str(sent.body["messages"])) for sent in upstream.requests)
    assert max(bodies.values()) == 1
    assert installation.manage("audit_ledger")

    # A larger cap goes on where it stopped.
    before = installation.query(ENDED)
    posted(visitor, f"{page}resume/", cap_usd="0.004")
    eventually(lambda: installation.query(ENDED) > before, within=60)
    posted(visitor, f"{page}stop/")
