"""The pages of experiments: their start, progress, results and exports."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.urls import reverse

from chat.evaluation.check_kinds import CheckSetting
from chat.flows.advance_experiment import advance_experiment
from chat.flows.change_cases import change_case
from chat.flows.save_prompt import PromptFields, add_prompt
from chat.models import Cell, Experiment, Prompt, PromptVersion, Run, TableCase
from chat.relays import background
from tests.chat.experiments import CAPITAL, cities, end, experiment_of, run_through, states, table_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]

CONTAINS = CheckSetting("contains", "{{expected}}")
JUDGE = CheckSetting("judge", "Names {{expected}}.")


@pytest.fixture(autouse=True)
def nothing_is_relayed(monkeypatch):
    """Runs wait until the test ends them."""
    monkeypatch.setattr(background, "start", lambda run: None)
    monkeypatch.setattr(background, "stop", lambda run: None)


@pytest.fixture
def table(workspace, alice):
    return table_of(workspace, alice, cities(4), CONTAINS)


def address(table, name: str = "experiments", *more: Any) -> str:
    return reverse(f"chat:{name}", args=[table.workspace.slug, table.code, *more])


def page(client, table, number: int = 1, **query: str) -> str:
    answer = client.get(address(table, "experiment", number), query)
    assert answer.status_code == 200
    html: str = answer.content.decode()
    return html


def sent(client, table, **query: str) -> str:
    answer = client.get(address(table, "export_results", 1), query)

    async def read() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    found: bytes = async_to_sync(read)()
    return found.decode("utf-8-sig")


def some_right(run: Run) -> str:
    return "land 1 and land 2"


def test_prompts_of_the_library_and_typed_ones_are_started(client_for, alice, workspace, table, endpoint):
    add_prompt(workspace, PromptFields("Capital", "", CAPITAL), actor=alice)
    client = client_for(alice)
    [prompt] = workspace.prompts.all()
    chosen = {"prompts": [f"{prompt.code}:1"], "text": "Where is {{city}}?", "system": "Be {{expected}}."}
    numbers = {"repetitions": "2", "concurrency": "3", "cap_usd": "2.5"}
    sets = '{"temperature": 0}\n{"temperature": 1}'

    answer = client.post(
        address(table, "new_experiment"), {**chosen, **numbers, "models": [endpoint.model_id], "sets": sets}
    )

    experiment = Experiment.objects.get()
    assert answer.url == address(table, "experiment", 1)
    assert [str(variant) for variant in experiment.variants.all()] == [
        f"{name} · Demo Plain · temperature {heat}"
        for name in ("Capital v1", "Typed prompt")
        for heat in (0, 1)
    ]
    assert experiment.cap is not None and experiment.cap.amount == 5_000_000
    assert Cell.objects.count() == 4 * 4 * 2
    assert [run.body["temperature"] for run in Run.objects.order_by("pk")] == [0, 0, 1]


@pytest.mark.parametrize(
    ("posted", "why"),
    [
        ({}, "Choose a prompt, or type one."),
        ({"models": ["999999"]}, "999999"),
        ({"text": "x", "sets": "[1]"}, "Line 1 is not a JSON object."),
        ({"text": "x", "cap_usd": "-1"}, "greater than or equal"),
        ({"text": "x", "repetitions": "21"}, "less than or equal to 20"),
        ({"text": "Say {{missing}}"}, "missing: Enter a value."),
        ({"text": "x", "sets": '{"temperature": 99}'}, "does not take this request"),
    ],
)
def test_what_cannot_start_is_said_at_its_place(client_for, alice, table, endpoint, posted, why):
    full = {"models": [endpoint.model_id], "repetitions": "1", "concurrency": "1", "cap_usd": "", **posted}
    answer = client_for(alice).post(address(table, "new_experiment"), full)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not Experiment.objects.exists()


def test_the_page_shows_rates_answers_and_their_runs(client_for, alice, table, endpoint):
    experiment = experiment_of(table, endpoint, alice)
    runs = run_through(experiment, some_right)
    html = page(client_for(alice), table)

    assert "<strong>50 %</strong>" in html and "15 % to 85 %" in html
    assert "land 1 and land 2" in html and "It does not contain “land 3”." in html
    for run in runs:
        assert reverse("chat:exchanges", args=[run.code]) in html
    assert "Run again: 2 failed" in html
    assert "50 %" in client_for(alice).get(address(table)).content.decode()


def test_members_read_the_runs_and_strangers_do_not(client_for, alice, bob, carol, table, endpoint):
    experiment = experiment_of(table, endpoint, alice)
    [run, *_] = run_through(experiment, some_right)
    url = reverse("chat:exchanges", args=[run.code])
    assert client_for(bob).get(url).status_code == 200
    assert client_for(carol).get(url).status_code == 404
    assert client_for(carol).get(address(table, "experiment", 1)).status_code == 404
    assert client_for(alice).get(address(table, "experiment", 10**30)).status_code == 404


def test_a_run_leads_back_to_its_cell(client_for, alice, workspace, endpoint):
    table = table_of(workspace, alice, cities(51), JUDGE)
    experiment = experiment_of(table, endpoint, alice, judge=endpoint)
    answered = advance_experiment(experiment.pk)
    client, places = client_for(alice), []
    Cell.objects.update(run=None)
    Cell.objects.filter(case_number=1).update(run=answered[1], judge_run=answered[2])
    Cell.objects.filter(case_number=51).update(run=answered[0])
    for run in answered[:3]:
        html = client.get(reverse("chat:exchanges", args=[run.code])).content.decode()
        places += re.findall(r"experiments/1/\?page=(\d+)#(\w+)-", html)
    assert places == [("2", "run"), ("1", "run"), ("1", "judge")]


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        ({}, "Choose prompts and models to see how many answers this asks for."),
        ({"text": "x"}, "Choose prompts and models"),
        ({"repetitions": "1"}, "4 cases × 1 prompt × 1 model = 4 answers."),
        ({"repetitions": "3"}, "4 cases × 1 prompt × 1 model × 3 answers = 12 answers."),
        ({"repetitions": "many"}, "= 4 answers."),
        ({"s.0.json": "{}", "s.1.json": "{}"}, "1 model × 2 sets of parameters = 8 answers."),
    ],
)
def test_the_number_of_answers_is_said_before_the_start(client_for, alice, table, endpoint, posted, words):
    chosen = {"text": "x", "models": [endpoint.model_id]} if len(posted) and "text" not in posted else {}
    answer = client_for(alice).post(address(table, "new_experiment"), {"act": "models", **chosen, **posted})
    assert words in answer.content.decode()


def test_the_grid_is_filtered(client_for, alice, table, endpoint):
    run_through(experiment_of(table, endpoint, alice), some_right)
    client = client_for(alice)
    failed = page(client, table, state="failed")
    assert "city 3" in failed and "city 1" not in failed
    assert "No answer fits this choice." in page(client, table, state="error")
    assert "city 1" in page(client, table, state="nonsense", variant="99", compare="x", change="y", page="z")


def test_it_is_compared_with_an_earlier_experiment(client_for, alice, table, endpoint):
    run_through(experiment_of(table, endpoint, alice), some_right)
    # A case that was changed meanwhile is not compared.
    change_case(TableCase.objects.get(number=4), {"city": "Rome", "expected": "Italy"}, actor=alice)
    run_through(experiment_of(table, endpoint, alice), lambda run: "land 2, land 3 and Italy")
    client = client_for(alice)

    html = page(client, table, 2, compare="1")
    assert "+25.0 (" in html and "Difference to 1" in html
    broken = page(client, table, 2, compare="1", change="broken")
    assert "city 1" in broken and "city 3" not in broken
    fixed = page(client, table, 2, compare="1", change="fixed")
    assert "city 3" in fixed and "Rome" not in fixed and "city 1" not in fixed


def test_it_is_paused_resumed_stopped_and_run_again_by_buttons(client_for, alice, bob, table, endpoint):
    experiment = experiment_of(table, endpoint, alice, concurrency=1)
    advance_experiment(experiment.pk)
    client = client_for(bob)
    client.post(address(table, "pause_experiment", 1))
    assert "Paused by Bob." in client.get(address(table, "progress", 1)).content.decode()
    # Only the person who started it spends in their own name.
    assert client.post(address(table, "resume_experiment", 1)).status_code == 403
    assert client.post(address(table, "rerun_cells", 1), {"state": "error"}).status_code == 403
    client.post(address(table, "stop_experiment", 1))

    own = client_for(alice)
    own.post(address(table, "resume_experiment", 1), {"cap_usd": "nonsense"})
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.PAUSED
    own.post(address(table, "resume_experiment", 1), {"cap_usd": "3"})
    run_through(experiment, some_right)
    for run in Run.objects.filter(status="queued"):
        end(run, "land 2")
    run_through(experiment, some_right)
    assert states(experiment) == ["error", "passed", "failed", "failed"]
    own.post(address(table, "rerun_cells", 1), {"state": "error"})
    assert Run.objects.filter(status="queued").count() == 1
    assert own.get(address(table, "progress", 1)).content.decode().count("hx-get") == 1


def test_results_are_exported_without_formulas(client_for, alice, workspace, endpoint):
    table = table_of(workspace, alice, [["=1+1", "x"], ["Oslo", ""]], CONTAINS)
    run_through(experiment_of(table, endpoint, alice), lambda run: "=HYPERLINK(1)")
    client = client_for(alice)

    rows = list(csv.DictReader(io.StringIO(sent(client, table), newline="")))
    assert [row["answer"] for row in rows] == ["'=HYPERLINK(1)"] * 2
    assert [row["value.city"] for row in rows] == ["'=1+1", "Oslo"]
    assert [row["state"] for row in rows] == ["failed", "unchecked"]
    assert "failed. It does not contain" in rows[0]["checks"] and "skipped" in rows[1]["checks"]

    lines = [json.loads(line) for line in sent(client, table, **{"as": "jsonl"}).splitlines()]
    assert [line["values"] for line in lines] == [{"city": "=1+1", "expected": "x"}, {"city": "Oslo"}]
    assert lines[0]["answer"] == "=HYPERLINK(1)" and lines[0]["checks"][0]["passed"] is False


def test_a_judge_has_to_be_chosen(client_for, alice, workspace, endpoint):
    table = table_of(workspace, alice, cities(1), JUDGE)
    client, url = client_for(alice), address(table, "new_experiment")
    posted = {"text": "x", "models": [endpoint.model_id], "repetitions": "1", "concurrency": "1"}
    assert "Choose a model that judges." in client.post(url, posted).content.decode()
    client.post(url, {**posted, "judge": endpoint.model_id})
    experiment = Experiment.objects.get()
    said = iter(["land 1", '{"reason": "It does.", "passed": true}'])
    for run in Run.objects.all():
        end(run, next(said))
    run_through(experiment, lambda run: next(said))
    html = page(client, table)
    assert "It does." in html and "Judge<" in html


def test_ten_thousand_cases_are_browsed(
    client_for, alice, workspace, endpoint, django_assert_max_num_queries
):
    table = table_of(workspace, alice, cities(10_000))
    experiment = experiment_of(table, endpoint, alice)
    Cell.objects.update(state="passed", seconds=1.0)
    assert experiment.cells.count() == 10_000
    client = client_for(alice)
    with django_assert_max_num_queries(16):
        html = page(client, table, page="200", state="passed")
    assert "city 10000" in html and len(html) < 300_000


def test_the_newest_version_and_the_one_for_production_are_offered(
    client_for, alice, workspace, table, endpoint
):
    prompt = add_prompt(workspace, PromptFields("Capital", "", CAPITAL), actor=alice)
    Prompt.objects.update(version=2, production=1)
    old = PromptVersion.objects.get(prompt=prompt)
    PromptVersion.objects.create(prompt=prompt, number=2, content=old.content)
    client = client_for(alice)

    html = client.get(address(table, "new_experiment")).content.decode()
    assert "Capital v2</span>" in html and "Capital v1 (production)</span>" in html
    chosen = {"prompts": [f"{prompt.code}:1", f"{prompt.code}:2"], "models": [endpoint.model_id]}
    client.post(address(table, "new_experiment"), {**chosen, "repetitions": "1", "concurrency": "1"})
    names = [variant.prompt_name for variant in Experiment.objects.get().variants.all()]
    assert names == ["Capital v1", "Capital v2"]
    assert "2: Capital v2" in page(client, table)


def test_a_second_click_starts_no_second_experiment(client_for, alice, table, endpoint):
    client, url = client_for(alice), address(table, "new_experiment")
    key = re.search(r'name="key" value="([^"]+)"', client.get(url).content.decode())
    assert key is not None
    posted = {
        "text": "x",
        "models": [endpoint.model_id],
        "repetitions": "1",
        "concurrency": "1",
        "key": key[1],
    }
    assert client.post(url, posted).url == client.post(url, posted).url
    assert Experiment.objects.count() == 1
    assert client.post(url, {**posted, "key": "nonsense"}).status_code == 422
