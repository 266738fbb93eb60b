"""Experiments whose person loses a role or the workspace, or whose workspace is deleted, while they run."""

from __future__ import annotations

import pytest

from accounts.flows.change_membership import change_role, remove_member
from accounts.flows.save_key import save_key
from accounts.models import ApiKey, Hold, LedgerEntry, Membership
from chat.evaluation.check_kinds import CheckSetting
from chat.flows.advance_experiment import advance_experiment, advance_experiments
from chat.flows.delete_workspace import delete_workspace
from chat.flows.restore_workspace import restore_workspace
from chat.flows.steer_experiment import resume_experiment
from chat.models import Experiment, Run
from chat.relays import background
from tests.chat.experiments import cities, end, experiment_of, states, table_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture(autouse=True)
def nothing_is_relayed(monkeypatch):
    monkeypatch.setattr(background, "stop", lambda run: None)


@pytest.fixture
def bobs(workspace, alice, bob, endpoint) -> Experiment:
    """An experiment of Bob, two answers of which are being written, and his own key."""
    save_key(workspace, "demo", "sk-0123456789abcdef", member=bob, actor=bob)
    table = table_of(workspace, alice, cities(4), CheckSetting("contains", "{{expected}}"))
    experiment = experiment_of(table, endpoint, bob, concurrency=2)
    assert len(advance_experiment(experiment.pk)) == 2
    Run.objects.update(status=Run.Status.RUNNING)
    return experiment


def stopped(experiment: Experiment) -> list[Run]:
    """End the open answers as their relays do once they are asked to stop."""
    runs = list(Run.objects.filter(status__in=Run.LIVE).order_by("pk"))
    assert [run.stop_requested for run in runs] == [True, True]
    for run in runs:
        end(run, "It is land", status="stopped")
    assert advance_experiments() == []
    experiment.refresh_from_db()
    return runs


def became_a_viewer(member: Membership, alice) -> str:
    change_role(member, "viewer", actor=alice)
    return "Bob may no longer send prompts."


def was_removed(member: Membership, alice) -> str:
    remove_member(member, actor=alice)
    assert not ApiKey.objects.filter(member=member.user).exists()
    return "The person who started this has left the workspace."


@pytest.mark.parametrize("change", [became_a_viewer, was_removed])
def test_it_pauses_with_the_reason_and_what_was_written_is_charged(bobs, alice, bob, change, client_for):
    why = change(Membership.objects.get(user=bob), alice)
    runs = stopped(bobs)

    assert (bobs.state, bobs.pause) == ("paused", why)
    assert states(bobs)[2:] == ["waiting", "waiting"]
    assert LedgerEntry.objects.filter(run_code__in=[run.code for run in runs]).count() == 2
    assert not Hold.objects.filter(state=Hold.State.OPEN).exists()
    # Others see why, and cannot spend in the name of Bob.
    page = f"/w/acme/tables/{bobs.table.code}/experiments/1/"
    html = client_for(alice).get(page).content.decode()
    assert why in html and "Resume" not in html
    assert client_for(alice).post(f"{page}resume/").status_code == 403
    assert client_for(bob).post(f"{page}resume/").status_code in (403, 404)


def test_a_deleted_workspace_pauses_it_and_it_goes_on_once_that_is_restored(bobs, workspace, alice, bob):
    delete_workspace(workspace, actor=alice)
    stopped(bobs)
    assert (bobs.state, bobs.pause) == ("paused", "The workspace was deleted.")
    # Even one that was resumed at the same moment opens nothing.
    resume_experiment(bobs, actor=bob)
    assert advance_experiments() == []
    bobs.refresh_from_db()
    assert bobs.state == "paused"

    restore_workspace(workspace, actor=alice)
    assert advance_experiments() == []
    resume_experiment(bobs, actor=bob)
    assert len(advance_experiments()) == 2
    assert states(bobs)[2:] == ["running", "running"]
