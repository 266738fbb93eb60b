"""Test tables, experiments and cases that were deleted: they come back for some days, and then they go."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import AuditAction, AuditEvent, LedgerEntry, Limit
from chat.exceptions import ItemGone
from chat.flows import delete_in_portions
from chat.flows.advance_experiment import advance_after, advance_experiment, advance_experiments
from chat.flows.bring_back import bring_back
from chat.flows.change_cases import delete_case
from chat.flows.delete_experiment import delete_experiment
from chat.flows.delete_test_table import delete_test_table
from chat.flows.purge_deleted import purge_deleted
from chat.flows.steer_experiment import rerun_cells, resume_experiment
from chat.models import Cell, DeletedCase, Experiment, Run, TableCase, TableOfCases
from chat.models.deletable import RESTORABLE_FOR
from chat.pages.found_elsewhere import found_elsewhere
from playground.models import Endpoint, UpstreamModel
from tests.chat.experiments import cities, end, experiment_of, run_through, states, table_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]
LATE = now() - RESTORABLE_FOR - timedelta(minutes=1)


@pytest.fixture
def priced(catalogue) -> Endpoint:
    UpstreamModel.objects.filter(model_id="demo/plain").update(input_price=1_000_000, output_price=2_000_000)
    return Endpoint.objects.select_related("model__provider").get(model__model_id="demo/plain")


def address(table: TableOfCases, name: str, *more: object) -> str:
    return reverse(f"chat:{name}", args=[table.workspace.slug, table.code, *more])


def said(client, url: str, **data: str) -> str:
    """Post and return the page that follows."""
    return str(client.post(url, data, follow=True).content.decode())


def actions() -> list[str]:
    return [str(action) for action in AuditEvent.objects.order_by("-pk").values_list("action", flat=True)]


@pytest.mark.parametrize("kind", ["table", "experiment"])
def test_what_was_deleted_is_offered_and_comes_back_whole(workspace, alice, bob, priced, client_for, kind):
    table = table_of(workspace, alice, cities(3))
    experiment = experiment_of(table, priced, alice, cap_usd=Decimal(1), concurrency=1)
    answers = run_through(experiment, lambda run: "Norway")
    client, of = client_for(bob), [] if kind == "table" else [1]
    listed = (
        reverse("chat:tables", args=[workspace.slug]) if kind == "table" else address(table, "experiments")
    )
    membership = workspace.memberships.get(user=bob)
    assert [group.label for group in found_elsewhere(membership, "norway")] == ["Results"]

    page = said(client, address(table, f"delete_{kind}", *of))

    assert "was deleted. You can bring it back below for 7 days." in page
    assert "Deleted in the last 7 days" in page and "Bring back" in page
    assert client.get(address(table, "experiment", 1)).status_code == 404
    assert client.get(reverse("chat:exchanges", args=[answers[0].code])).status_code == 404
    assert found_elsewhere(membership, "norway") == []
    assert purge_deleted() == 0 and Limit.objects.count() == 1

    assert "is back." in said(client, address(table, f"bring_back_{kind}", *of))

    assert "Bring back" not in client.get(listed).content.decode()
    assert client.get(address(table, "experiment", 1)).status_code == 200
    assert states(experiment) == ["unchecked"] * 3 and TableCase.objects.count() == 3
    word = kind.upper()
    assert actions()[:2] == [AuditAction[f"RESTORE_{word}"], AuditAction[f"DELETE_{word}"]]
    resume_experiment(experiment, credits=3_000_000, actor=alice)
    assert Limit.objects.get().amount == 3_000_000


@pytest.mark.parametrize("kind", ["table", "experiment"])
@pytest.mark.parametrize("at_once", [True, False])
def test_it_goes_with_its_results_and_its_cap_and_the_books_stay(
    workspace, alice, priced, client_for, monkeypatch, kind, at_once
):
    monkeypatch.setattr(delete_in_portions, "PORTION", 2)
    table = table_of(workspace, alice, cities(5))
    run_through(experiment_of(table, priced, alice, cap_usd=Decimal(1)), lambda run: "x")
    model = TableOfCases if kind == "table" else Experiment
    item, client, of = model.objects.get(), client_for(alice), [] if kind == "table" else [1]
    url = address(table, f"delete_{kind}", *of)
    assert "so it was not deleted" in said(client, url, for_good="1")
    client.post(url)
    if at_once:
        assert "was deleted for good." in said(client, url, for_good="1")
        assert actions()[0] == AuditAction[f"PURGE_{kind.upper()}"]
    else:
        model.with_deleted.update(deleted_at=LATE)
        with pytest.raises(ItemGone):
            bring_back(item, actor=alice)
        assert purge_deleted() == 1

    assert not model.with_deleted.exists() and not Cell.objects.exists() and not Limit.objects.exists()
    assert TableCase.objects.count() == (0 if kind == "table" else 5)
    assert LedgerEntry.objects.count() == 5
    assert client.post(address(table, f"bring_back_{kind}", *of)).status_code == 404
    assert purge_deleted() == 0


@pytest.mark.parametrize("delete", [delete_test_table, delete_experiment])
def test_it_spends_nothing_while_it_is_deleted_and_goes_on_afterwards(workspace, alice, priced, delete):
    table = table_of(workspace, alice, cities(4))
    experiment = experiment_of(table, priced, alice, cap_usd=Decimal(1), concurrency=2)
    runs = advance_experiment(experiment.pk)
    end(runs[0], "x")
    item = table if delete is delete_test_table else experiment

    assert [run.pk for run in delete(item, actor=alice)] == [runs[1].pk]

    assert advance_after(runs[0].pk) == advance_experiments() == []
    assert states(experiment) == ["unchecked", "error", "waiting", "waiting"]
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.PAUSED and experiment.pause
    if delete is delete_experiment:
        # A page of it was still open somewhere.
        resume_experiment(experiment, credits=5, actor=alice)
        assert rerun_cells(experiment, ["error"], actor=alice) == 0
        assert advance_experiments() == [] and Limit.objects.get().amount == 2_000_000

    bring_back(item, actor=alice)
    assert advance_experiments() == []
    resume_experiment(experiment, actor=alice)
    rerun_cells(experiment, ["error"], actor=alice)
    run_through(experiment, lambda run: "x")
    assert states(experiment) == ["unchecked"] * 4 and Run.objects.count() == 5


def test_the_number_of_a_deleted_experiment_is_not_given_again(workspace, alice, endpoint):
    table = table_of(workspace, alice, cities(1))
    delete_experiment(experiment_of(table, endpoint, alice), actor=alice)
    assert experiment_of(table, endpoint, alice).number == 2


def test_a_name_is_free_after_a_deletion_and_a_taken_one_is_told(workspace, alice, client_for):
    table, client = table_of(workspace, alice, cities(1)), client_for(alice)
    client.post(address(table, "delete_table"))
    new = {"name": table.name, "columns": "city"}
    assert client.post(reverse("chat:new_table", args=[workspace.slug]), new).status_code == 302

    assert "Another test table is called Cities by now" in said(client, address(table, "bring_back_table"))

    TableOfCases.objects.update(name="Other")
    assert "Cities is back." in said(client, address(table, "bring_back_table"))


def test_a_deleted_case_comes_back_under_its_number(workspace, alice, client_for):
    table, client = table_of(workspace, alice, cities(3)), client_for(alice)

    page = said(client, address(table, "delete_case", 2))

    assert "Case 2 · city 2" in page and "Case 2 was deleted." in page
    assert "Case 2 is back." in said(client, address(table, "bring_back_case", 2))
    assert list(TableCase.objects.values_list("number", "values__city", "folded")) == [
        (number, f"city {number}", f"city {number} land {number}") for number in (1, 2, 3)
    ]
    table.refresh_from_db()
    assert (table.size, table.last_number) == (3, 3)
    assert client.post(address(table, "bring_back_case", 2)).status_code == 404


def test_a_case_whose_number_is_taken_gets_the_next_one(workspace, alice, client_for):
    table, client = table_of(workspace, alice, cities(3)), client_for(alice)
    client.post(address(table, "delete_case", 2))
    client.post(address(table, "load_cases"), {"text": "city\nOslo\nRome", "replaces": "on"})

    assert "Case 3 is back." in said(client, address(table, "bring_back_case", 2))

    assert list(TableCase.objects.values_list("number", "values__city")) == [
        (1, "Oslo"),
        (2, "Rome"),
        (3, "city 2"),
    ]


def test_a_deleted_case_goes_in_the_end_or_at_once(workspace, alice, client_for):
    table, client = table_of(workspace, alice, cities(3)), client_for(alice)
    for case in TableCase.objects.filter(number__lte=2):
        delete_case(case, actor=alice)
    assert "for good" in said(client, address(table, "delete_case", 1), for_good="1")
    assert client.post(address(table, "bring_back_case", 1)).status_code == 404

    DeletedCase.objects.update(deleted_at=LATE)
    assert client.post(address(table, "bring_back_case", 2)).status_code == 404
    purge_deleted()
    assert not DeletedCase.objects.exists() and TableCase.objects.count() == 1


def test_readers_are_offered_nothing(workspace, alice, bob, client_for):
    table = table_of(workspace, alice, cities(2))
    client_for(alice).post(address(table, "delete_case", 1))
    workspace.memberships.filter(user=bob).update(role="viewer")
    page = client_for(bob).get(address(table, "table")).content.decode()
    assert "Bring back" not in page and "city 2" in page
