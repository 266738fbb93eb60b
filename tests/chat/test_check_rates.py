"""Pass rates of each check in each variant, and the prompts that experiments refer to."""

from __future__ import annotations

import importlib
import re

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from chat.evaluation.check_kinds import CheckSetting
from chat.flows.save_prompt import PromptFields, add_prompt, save_prompt
from chat.flows.start_experiment import AskedPrompt, Plan, start_experiment
from chat.flows.steer_experiment import rerun_cells
from chat.models import Cell, Variant
from chat.pages.experiments import figures_of, rates_of_checks
from chat.relays import background
from playground.models import Endpoint
from tests.chat.experiments import CAPITAL, cities, experiment_of, run_through, table_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture(autouse=True)
def nothing_is_relayed(monkeypatch):
    monkeypatch.setattr(background, "start", lambda run: None)


@pytest.fixture
def table(workspace, alice):
    checks = (CheckSetting("contains", "{{expected}}"), CheckSetting("lacks", "sorry"))
    # The last case has no value for the first check.
    return table_of(workspace, alice, [*cities(4), ["city 5", ""]], *checks)


def wilson_in_percent(passed: int, count: int) -> tuple[float, float]:
    """Solve |rate - p| = z * sqrt(p * (1 - p) / count) for p, as a quadratic equation."""
    z, rate = 1.959963984540054, passed / count
    a, b, c = 1 + z * z / count, -(2 * rate + z * z / count), rate * rate
    root = (b * b - 4 * a * c) ** 0.5
    return 100 * (-b - root) / (2 * a), 100 * (-b + root) / (2 * a)


def test_each_check_has_its_rate_in_each_variant(client_for, alice, table, endpoint):
    other = Endpoint.objects.get(model__model_id="demo/slow", kind="chat/completions")
    plan = Plan([AskedPrompt("Capital v1", CAPITAL)], [endpoint, other])
    experiment = start_experiment(table, plan, actor=alice)
    run_through(experiment, lambda run: "land 1, sorry" if run.body["model"] == "demo/plain" else "land 2")

    rates = rates_of_checks(experiment, figures_of(experiment))

    found = [(label, [(each.counts.passed, each.counts.failed) for each in row]) for label, row in rates]
    assert [each for _, each in found] == [[(1, 3), (1, 3)], [(0, 5), (5, 0)]]
    low, high = wilson_in_percent(1, 4)
    assert rates[0][1][0].interval_in_words == f"{low:.1f} % to {high:.1f} %"
    url = reverse("chat:experiment", args=[table.workspace.slug, table.code, 1])
    html = client_for(alice).get(url).content.decode()
    section = html[html.index("Passed, by check") :]
    assert re.findall(r"<strong>(.*?)</strong>", section)[:4] == ["25 %", "25 %", "0 %", "100 %"]
    assert rerun_cells(experiment, ["failed"], actor=alice)
    [(_, [first, _]), _] = rates_of_checks(experiment, figures_of(experiment))
    assert first.counts.all == 0


def test_where_a_prompt_is_used_follows_its_name(client_for, alice, workspace, table, endpoint):
    prompt = add_prompt(workspace, PromptFields("Capital", "", CAPITAL), actor=alice)
    plan = Plan([AskedPrompt("Capital v1", CAPITAL, prompt)], [endpoint])
    start_experiment(table, plan, actor=alice)
    save_prompt(prompt, PromptFields("Renamed", "", CAPITAL), 1, actor=alice)
    # Another prompt has the name now.
    other = add_prompt(workspace, PromptFields("Capital", "", CAPITAL), actor=alice)
    client = client_for(alice)

    pages = [
        client.get(reverse("chat:prompt_uses", args=[workspace.slug, each.code])).content.decode()
        for each in (prompt, other)
    ]

    url = reverse("chat:experiment", args=[workspace.slug, table.code, 1])
    assert [url in page for page in pages] == [True, False]
    other.delete()
    prompt.delete()
    assert Variant.objects.get().prompt_name == "Capital v1"


def test_results_of_before_are_filled_in(alice, workspace, table, endpoint):
    prompt = add_prompt(workspace, PromptFields("Capital", "", CAPITAL), actor=alice)
    experiment = experiment_of(table, endpoint, alice)
    run_through(experiment, lambda run: "land 1")
    letters = list(Cell.objects.order_by("pk").values_list("letters", flat=True))
    Cell.objects.update(letters="")

    importlib.import_module("chat.migrations.0049_fill_prompts_and_checks").fill(
        apps, connection.schema_editor()
    )

    assert list(Cell.objects.order_by("pk").values_list("letters", flat=True)) == letters
    assert letters == ["pp", "fp", "fp", "fp", "sp"]
    assert Variant.objects.get().prompt == prompt
