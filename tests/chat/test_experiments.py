"""Experiments: each cell is run once, under all limits, and checked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from accounts import money
from accounts.models import Hold, LedgerEntry, Limit, LimitWindow, Membership
from chat.evaluation.check_kinds import CheckSetting
from chat.exceptions import ExperimentRefused
from chat.flows.advance_experiment import advance_after, advance_experiment, advance_experiments
from chat.flows.change_cases import change_case
from chat.flows.reap_runs import reap_runs
from chat.flows.start_experiment import AskedPrompt, ParameterSet, Plan, start_experiment
from chat.flows.steer_experiment import pause_experiment, rerun_cells, resume_experiment, stop_experiment
from chat.models import Cell, Experiment, Run, TableCase, TableOfCases
from chat.prompts.content import MessageRole, PromptContent, PromptMessage, Variable, VariableKind
from playground.models import Endpoint, ModelSetting, UpstreamModel
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import Failed
from tests.chat.experiments import (
    asked,
    cities,
    cost_of_all,
    end,
    experiment_of,
    run_through,
    states,
    table_of,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]

CONTAINS = CheckSetting("contains", "{{expected}}")
JUDGE = CheckSetting("judge", "Names {{expected}}.")


def right(run: Run) -> str:
    return f"It is {asked(run).replace('Which land has the capital city', 'land').rstrip('?')}."


@pytest.fixture
def priced(catalogue) -> Endpoint:
    """A model at 1 credit for a token of the prompt, and 2 for one of the answer."""
    demo = UpstreamModel.objects.filter(model_id="demo/plain")
    demo.update(input_price=1_000_000, output_price=2_000_000)
    return Endpoint.objects.select_related("model__provider").get(model__model_id="demo/plain")


def test_every_case_is_sent_once_and_checked(workspace, alice, endpoint):
    table = table_of(workspace, alice, cities(5), CONTAINS)
    experiment = experiment_of(table, endpoint, alice, concurrency=2, repetitions=2)

    runs = run_through(experiment, lambda run: "land 1" if "city 1?" in asked(run) else "no idea")

    assert sorted(map(asked, runs)) == sorted(
        f"Which land has the capital city {n}?" for n in range(1, 6) for _ in "12"
    )
    assert states(experiment) == ["passed"] * 2 + ["failed"] * 8
    assert experiment.state == Experiment.State.FINISHED and experiment.finished_at
    assert {run.made_for for run in runs} == {"case"}
    assert set(LedgerEntry.objects.values_list("purpose", flat=True)) == {"case"}


def test_no_more_cells_run_at_once_than_is_allowed(workspace, alice, endpoint):
    experiment = experiment_of(table_of(workspace, alice, cities(5)), endpoint, alice, concurrency=2)
    first = advance_experiment(experiment.pk)
    assert len(first) == 2 and advance_experiment(experiment.pk) == []
    end(first[0], "x")
    assert len(advance_after(first[0].pk)) == 1
    assert states(experiment) == ["unchecked", "running", "running", "waiting", "waiting"]


def test_a_cap_stops_it_and_says_so_and_a_larger_one_goes_on(workspace, alice, priced):
    table = table_of(workspace, alice, cities(20), CONTAINS)
    [one, *_] = run_through(experiment_of(table, priced, alice, concurrency=1), right)
    one.refresh_from_db()
    cap = 10 * (one.credits or 0)
    experiment = experiment_of(table, priced, alice, concurrency=4, cap_usd=money.in_usd(cap))

    first = run_through(experiment, right)

    assert experiment.state == Experiment.State.PAUSED
    assert experiment.pause.startswith("The experiment's limit of $0.00")
    assert 0 < len(first) < 15 and money.in_credits(cost_of_all(experiment)) <= cap
    window = LimitWindow.objects.get(limit=experiment.cap)
    assert (window.held, money.in_usd(window.used)) == (0, cost_of_all(experiment))
    assert advance_experiments() == []

    resume_experiment(experiment, credits=10 * cap, actor=alice)
    second = run_through(experiment, right)

    assert experiment.state == Experiment.State.FINISHED
    assert len({asked(run) for run in first + second}) == len(first + second) == 20
    assert LedgerEntry.objects.count() == Hold.objects.count() == 40
    assert set(states(experiment)) == {"passed"}


def test_a_cap_binds_no_other_run_and_other_limits_bind_the_experiment(workspace, alice, priced):
    table = table_of(workspace, alice, cities(5))
    capped = experiment_of(table, priced, alice, cap_usd=Decimal("0.000001"))
    free = experiment_of(table, priced, alice)
    assert advance_experiment(capped.pk) == []
    assert len(run_through(free, right)) == 5
    Limit.objects.create(workspace=workspace, unit="requests", period="ever", amount=7)

    more = experiment_of(table, priced, alice)

    assert len(run_through(more, right)) == 2
    assert more.state == Experiment.State.PAUSED
    assert "limit of 7 requests in total has 0 requests left" in more.pause


def test_a_limit_of_requests_at_once_only_slows_it_down(workspace, alice, endpoint):
    Limit.objects.create(workspace=workspace, unit="concurrent", period="ever", amount=2)
    experiment = experiment_of(table_of(workspace, alice, cities(5)), endpoint, alice, concurrency=4)

    assert len(run_through(experiment, right)) == 5
    assert experiment.state == Experiment.State.FINISHED


def test_an_answer_is_never_made_shorter_by_a_limit(workspace, alice, priced):
    Limit.objects.create(workspace=workspace, unit="tokens", period="ever", amount=200)
    experiment = experiment_of(table_of(workspace, alice, cities(1)), priced, alice)
    for run in advance_experiment(experiment.pk):
        assert run.set_by_limit is None


def test_two_processes_open_each_cell_once(workspace, alice, endpoint):
    experiment = experiment_of(table_of(workspace, alice, cities(30)), endpoint, alice, concurrency=20)
    barrier = Barrier(3)

    def advance(_: int) -> int:
        barrier.wait()
        try:
            return len(advance_experiment(experiment.pk))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(advance, range(3))) == 20
    assert Run.objects.count() == 20 == len(set(map(asked, Run.objects.all())))
    for run in Run.objects.all():
        end(run, "x")
    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(advance, range(3))) == 10
    assert len(set(map(asked, Run.objects.all()))) == 30 == Run.objects.count()
    for run in Run.objects.filter(status=Run.Status.QUEUED):
        end(run, "x")


def test_runs_of_a_killed_process_are_errors_that_can_be_run_again(workspace, alice, endpoint):
    experiment = experiment_of(
        table_of(workspace, alice, cities(4), CONTAINS), endpoint, alice, concurrency=2
    )
    for run in advance_experiment(experiment.pk):
        # The process claimed them and died.
        Run.objects.filter(pk=run.pk).update(status="running", fence=1, lease_expires_at="2026-01-01T00:00Z")
    reap_runs()

    runs = advance_experiments()
    assert states(experiment) == ["error", "error", "running", "running"]
    for run in runs:
        end(run, right(run))
    run_through(experiment, right)
    assert states(experiment) == ["error", "error", "passed", "passed"]
    assert "server ended" in Cell.objects.filter(state="error")[0].error

    assert rerun_cells(experiment, ["error", "passed"], actor=alice) == 2
    run_through(experiment, right)
    assert states(experiment) == ["passed"] * 4


def test_only_failures_are_run_again_and_their_cost_counts_on(workspace, alice, priced):
    experiment = experiment_of(table_of(workspace, alice, cities(3), CONTAINS), priced, alice)
    run_through(experiment, lambda run: "land 2")
    before = cost_of_all(experiment)

    assert rerun_cells(experiment, ["failed"], actor=alice) == 2
    runs = run_through(experiment, right)

    assert sorted(map(asked, runs)) == [f"Which land has the capital city {n}?" for n in (1, 3)]
    assert states(experiment) == ["passed"] * 3
    booked = sum(money.cost_in_usd(entry.usd, entry.credits) for entry in LedgerEntry.objects.all())
    assert cost_of_all(experiment) == booked > before


def test_a_judge_decides_and_its_cost_is_counted_apart(workspace, alice, priced):
    table = table_of(workspace, alice, [*cities(3), ["nowhere", ""]], JUDGE)
    experiment = experiment_of(table, priced, alice, judge=priced, concurrency=1)
    said = iter(['{"reason": "It does.", "passed": true}', "Hm.", '```\n{"passed": false}\n```'])

    runs = run_through(experiment, lambda run: next(said) if run.made_for == "judge" else right(run))

    assert [run.made_for for run in runs] == ["case", "judge"] * 3 + ["case"]
    assert states(experiment) == ["passed", "undecided", "failed", "unchecked"]
    assert "Names land 1." in asked(runs[1]) and "It is land 1." in asked(runs[1])
    cells = list(Cell.objects.filter(experiment=experiment))
    assert cells[1].outcomes[0]["reason"] == "The judge gave no verdict. It said: Hm."
    assert all(cell.usd > 0 for cell in cells) and [cell.judge_usd > 0 for cell in cells] == [True] * 3 + [
        False
    ]
    assert LedgerEntry.objects.filter(purpose="judge").count() == 3


def test_a_judge_that_fails_gives_no_verdict(workspace, alice, endpoint):
    experiment = experiment_of(table_of(workspace, alice, cities(1), JUDGE), endpoint, alice, judge=endpoint)
    [answer] = advance_experiment(experiment.pk)
    end(answer, "It is land 1.")
    [judge] = advance_experiment(experiment.pk)
    end(judge, failure=Failed(FailureKind.OVERLOADED, "Overloaded."))
    advance_experiment(experiment.pk)
    assert states(experiment) == ["undecided"]
    assert "Overloaded." in Cell.objects.get().outcomes[0]["reason"]


def test_a_model_that_goes_away_ends_its_cells_with_the_reason(workspace, alice, endpoint):
    experiment = experiment_of(table_of(workspace, alice, cities(3)), endpoint, alice, concurrency=1)
    [run] = advance_experiment(experiment.pk)
    ModelSetting.objects.create(workspace=workspace, model=endpoint.model, is_enabled=False)
    end(run, "x")
    run_through(experiment, right)
    assert states(experiment) == ["unchecked", "error", "error"]
    assert Cell.objects.latest("pk").error and experiment.state == Experiment.State.FINISHED


def test_a_case_without_a_value_is_not_sent(workspace, alice, endpoint):
    table = table_of(workspace, alice, [["Oslo", ""], ["", "Norway"]])
    experiment = experiment_of(table, endpoint, alice)
    assert len(run_through(experiment, right)) == 1
    assert states(experiment) == ["unchecked", "error"]
    assert "city: Enter a value." in Cell.objects.latest("pk").error


def test_a_person_who_may_not_send_any_more_pauses_it(workspace, alice, bob, endpoint):
    experiment = experiment_of(table_of(workspace, alice, cities(2)), endpoint, bob)
    Membership.objects.filter(user=bob).update(role="viewer")
    assert advance_experiment(experiment.pk) == []
    experiment.refresh_from_db()
    assert experiment.pause == "Bob may no longer send prompts."


def test_it_pauses_resumes_and_stops(workspace, alice, endpoint):
    experiment = experiment_of(table_of(workspace, alice, cities(4)), endpoint, alice, concurrency=2)
    runs = advance_experiment(experiment.pk)
    pause_experiment(experiment, actor=alice)
    end(runs[0], "x")
    assert advance_experiments() == []
    assert states(experiment) == ["unchecked", "running", "waiting", "waiting"]

    assert stop_experiment(experiment, actor=alice) == [runs[1]]
    advance_experiments()
    assert states(experiment) == ["unchecked", "error", "waiting", "waiting"]
    experiment.refresh_from_db()
    assert experiment.pause == "Paused by Alice."

    resume_experiment(experiment, actor=alice)
    assert len(run_through(experiment, right)) == 2


@pytest.mark.parametrize(
    ("rows", "options", "why"),
    [
        (0, {}, "no cases"),
        (5_001, {"repetitions": 20}, "100,020 answers"),
        (1, {"sets": [ParameterSet({})] * 25}, "At most 24"),
        (1, {"sets": [ParameterSet({"temperature": "hot"})]}, "does not take"),
    ],
)
def test_what_cannot_start_is_refused_and_stores_nothing(workspace, alice, endpoint, rows, options, why):
    table = table_of(workspace, alice, cities(rows))
    with pytest.raises(ExperimentRefused, match=why):
        experiment_of(table, endpoint, alice, **options)
    assert not Experiment.objects.exists() and not Limit.objects.exists()


def test_files_and_a_missing_judge_are_refused(workspace, alice, endpoint):
    content = PromptContent(
        messages=(PromptMessage(MessageRole.USER, "See {{picture}}"),),
        variables=(Variable("picture", VariableKind.FILE),),
    )
    plan = Plan([AskedPrompt("Picture v1", content)], [endpoint])
    with pytest.raises(ExperimentRefused, match="no files"):
        start_experiment(table_of(workspace, alice, cities(1)), plan, actor=alice)
    TableOfCases.objects.update(checks=[JUDGE.as_json()])
    with pytest.raises(ExperimentRefused, match="model that judges"):
        experiment_of(TableOfCases.objects.get(), endpoint, alice)


def test_results_stay_true_when_the_table_changes(workspace, alice, endpoint):
    table = table_of(workspace, alice, cities(1), CONTAINS)
    experiment = experiment_of(table, endpoint, alice)
    change_case(TableCase.objects.get(), {"city": "Rome", "expected": "Italy"}, actor=alice)
    [run] = run_through(experiment, right)
    assert asked(run) == "Which land has the capital city 1?" and states(experiment) == ["passed"]


def test_it_waits_for_a_limit_that_lets_prompts_wait(workspace, alice, endpoint):
    limit = Limit.objects.create(
        workspace=workspace, unit="requests", period="hour", amount=1, lets_wait=True
    )
    experiment = experiment_of(table_of(workspace, alice, cities(2)), endpoint, alice)
    assert len(run_through(experiment, right)) == 1
    assert experiment.state == Experiment.State.RUNNING and "limit of 1 request" in experiment.pause

    Limit.objects.filter(pk=limit.pk).update(amount=5)
    assert len(run_through(experiment, right)) == 1
    assert (experiment.state, experiment.pause) == (Experiment.State.FINISHED, "")


def test_a_personal_limit_is_not_described_to_others(workspace, alice, bob, endpoint, client_for):
    Limit.objects.create(workspace=workspace, member=alice, unit="requests", period="ever", amount=1)
    table = table_of(workspace, alice, cities(2))
    run_through(experiment_of(table, endpoint, alice), right)
    url = f"/w/{workspace.slug}/tables/{table.code}/experiments/1/progress/"
    assert "Your limit of 1 request" in client_for(alice).get(url).content.decode()
    said = client_for(bob).get(url).content.decode()
    assert "1 request" not in said and "A limit of the person who started it" in said
