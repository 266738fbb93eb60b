"""The search of the sidebar finds prompts, test tables, cases and results, each where it is."""

from __future__ import annotations

import importlib
import time
from html import unescape

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from accounts.models import Membership
from chat.flows.change_cases import change_case
from chat.flows.delete_prompt import delete_prompt
from chat.flows.save_prompt import PromptFields, add_prompt
from chat.models import Cell, TableCase, TableOfCases
from chat.pages.found_elsewhere import found_elsewhere
from chat.pages.search import words_of
from chat.prompts.content import PromptContent
from chat.relays import background
from tests.chat.experiments import cities, experiment_of, run_through, table_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture
def found(workspace, alice):
    membership = Membership.objects.get(workspace=workspace, user=alice)

    def search(query: str) -> dict[str, list[str]]:
        groups = found_elsewhere(membership, words_of(query))
        return {group.label: [f"{row.title} → {row.url}" for row in group.rows] for group in groups}

    return search


def test_each_kind_is_found_and_leads_to_the_exact_object(
    client_for, alice, workspace, endpoint, found, monkeypatch
):
    monkeypatch.setattr(background, "start", lambda run: None)
    prompt = add_prompt(workspace, PromptFields("Grüße", "", PromptContent("Sag ÉCLAIR.")), actor=alice)
    table = table_of(workspace, alice, [["Éclair du Nord", "x"], ["Rome", "y"]])
    experiment = experiment_of(table, endpoint, alice)
    run_through(experiment, lambda run: f"An answer about pudding of {run.body['messages'][-1]['content']}")
    of_table = [workspace.slug, table.code]
    results = reverse("chat:experiment", args=[*of_table, 1])
    [_, cell] = Cell.objects.order_by("pk")

    prompt_url = reverse("chat:prompt", args=[workspace.slug, prompt.code])
    assert found("eclair")["Prompts"] == [f"Grüße → {prompt_url}"]
    assert found("gruße") == {"Prompts": [f"Grüße → {prompt_url}"]}
    case_url = reverse("chat:case", args=[*of_table, 1])
    assert found("éclair DU")["Test cases"] == [f"Cities, case 1 → {case_url}"]
    assert found("citi") == {"Test tables": [f"Cities → {reverse('chat:table', args=of_table)}"]}
    at = f"{results}?case=2#cell-{cell.pk}"
    assert found("capital rome") == {"Results": [f"Cities, experiment 1, case 2 → {at}"]}
    html = (
        client_for(alice)
        .get(reverse("chat:search", args=[workspace.slug]), {"q": "pudding"})
        .content.decode()
    )
    assert at in unescape(html) and "<mark>pudding</mark>" in html
    page = client_for(alice).get(results, {"case": "2"}).content.decode()
    assert f'id="cell-{cell.pk}"' in page and "Only case 2 is shown." in page and page.count('id="cell-') == 1


def test_changes_and_deletions_are_followed(alice, workspace, found):
    prompt = add_prompt(workspace, PromptFields("Zebra", "", PromptContent("x")), actor=alice)
    table = table_of(workspace, alice, [["zebra", ""]])
    change_case(TableCase.objects.get(), {"city": "horse"}, actor=alice)
    delete_prompt(prompt, actor=alice)
    assert found("zebra") == {}
    assert list(found("horse")) == ["Test cases"]
    table.delete()
    assert found("horse") == {} and found("") == {}


def test_another_workspace_finds_nothing(client_for, carol, bob, alice, workspace):
    table_of(workspace, alice, [["zebra", ""]])
    url = reverse("chat:search", args=[workspace.slug])
    assert "case 1" in client_for(bob).get(url, {"q": "zebra"}).content.decode()
    assert client_for(carol).get(url, {"q": "zebra"}).status_code == 404
    own = Membership.objects.filter(user=carol).first()
    assert own is None or found_elsewhere(own, "zebra") == []


@pytest.mark.parametrize("query", ["%", "_", "\\", "a\0b", "x" * 60_000, "'\"<b>"])
def test_hostile_words_find_nothing(client_for, alice, workspace, query):
    table_of(workspace, alice, [["zebra", ""]])
    url = reverse("chat:search", args=[workspace.slug])
    assert "case 1" not in client_for(alice).get(url, {"q": query}).content.decode()


def test_ten_thousand_cases_are_searched_in_few_statements(
    alice, workspace, found, django_assert_max_num_queries
):
    rows = [[f"city {number}", "some words of a longer text " * 8] for number in range(10_000)]
    rows[17][0] = "the only zebra"
    table_of(workspace, alice, rows)

    with django_assert_max_num_queries(8):
        began = time.perf_counter()
        assert [row.split(" →")[0] for row in found("zebra")["Test cases"]] == ["Cities, case 18"]
        took = time.perf_counter() - began
    print(f"{took * 1000:.0f} ms on {connection.vendor}")
    assert len(found("city")["Test cases"]) == 8


def test_rows_of_before_are_filled_in(alice, workspace, endpoint, found, monkeypatch):
    monkeypatch.setattr(background, "start", lambda run: None)
    table = table_of(workspace, alice, cities(1))
    run_through(experiment_of(table, endpoint, alice), lambda run: "pudding")
    for model in (TableCase, Cell):
        model.objects.update(folded="")
    TableOfCases.objects.update(folded_name="")
    assert found("pudding") == {} == found("cities")

    migration = importlib.import_module("chat.migrations.0047_fill_words_of_results")
    migration.fill_words(apps, connection.schema_editor())

    assert [list(found(words)) for words in ("pudding", "cities", "land 1")] == [
        ["Results"],
        ["Test tables"],
        ["Test cases"],
    ]
