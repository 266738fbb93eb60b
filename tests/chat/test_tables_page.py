"""Test tables and their cases: typed, pasted, loaded and exported."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chat.evaluation.check_kinds import CheckSetting
from chat.evaluation.csv_reading import read_csv
from chat.flows.change_cases import add_cases
from chat.models import TableCase, TableOfCases

pytestmark = pytest.mark.django_db


@pytest.fixture
def table(workspace, alice) -> TableOfCases:
    made = TableOfCases.objects.create(
        workspace=workspace, name="Cities", columns=["city", "expected"], created_by=alice
    )
    add_cases(made, read_csv("city,expected\nOslo,Norway\nRome,Italy\n"), actor=alice)
    return made


def address(table: TableOfCases, name: str = "table", *more) -> str:
    return reverse(f"chat:{name}", args=[table.workspace.slug, table.code, *more])


def values(table: TableOfCases) -> list[tuple[int, dict[str, str]]]:
    return list(TableCase.objects.filter(table=table).order_by("number").values_list("number", "values"))


def sent(client, table: TableOfCases, as_: str = "") -> bytes:
    answer = client.get(address(table, "export_cases"), {"as": as_})
    assert answer.status_code == 200

    async def read() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    found: bytes = async_to_sync(read)()
    return found


def load(client, table: TableOfCases, data: bytes | str, name: str = "cases.csv", **more):
    posted: dict[str, Any] = (
        {"text": data} if isinstance(data, str) else {"file": SimpleUploadedFile(name, data)}
    )
    return client.post(address(table, "load_cases"), {**posted, **more})


def test_a_table_is_made_and_listed(client_for, alice, workspace):
    client = client_for(alice)
    url = reverse("chat:new_table", args=[workspace.slug])

    answer = client.post(url, {"name": "Towns", "columns": "city name\n\nland\nland"})

    table = TableOfCases.objects.get()
    assert (table.name, table.columns, table.created_by) == ("Towns", ["city_name", "land"], alice)
    assert answer.url == address(table)
    assert "Towns" in client.get(reverse("chat:tables", args=[workspace.slug])).content.decode()
    again = client.post(url, {"name": "Towns", "columns": ""})
    assert again.status_code == 422 and "There is a test table of this name" in again.content.decode()
    assert client.post(url, {"name": "More", "columns": "a\n?"}).status_code == 422


def test_a_case_is_typed_changed_and_deleted(client_for, alice, table):
    client = client_for(alice)

    answer = client.post(address(table, "add_case"), {"value-0": " Bern\n", "value-1": ""})
    assert answer.url.endswith("?page=1#next-case")
    assert values(table)[-1] == (3, {"city": " Bern\n"})

    answer = client.post(address(table, "case", 3), {"value-0": "Bern", "value-1": "Switzerland"})
    assert answer.url.endswith("?page=1#case-3")
    assert values(table)[-1] == (3, {"city": "Bern", "expected": "Switzerland"})

    client.post(address(table, "delete_case", 3))
    table.refresh_from_db()
    assert (len(values(table)), table.size, table.last_number) == (2, 2, 3)
    assert client.get(address(table, "case", 3)).status_code == 404
    assert client.get(address(table, "case", 10**30)).status_code == 404


def test_cells_of_a_spreadsheet_are_pasted(client_for, alice, table):
    client = client_for(alice)

    assert load(client, table, 'Bern\t"Swiss\n""land"""\nParis\tFrance\n').status_code == 302
    assert values(table)[2:] == [
        (3, {"city": "Bern", "expected": 'Swiss\n"land"'}),
        (4, {"city": "Paris", "expected": "France"}),
    ]
    # A row of names may have others in between, which become variables.
    assert load(client, table, "expected\tcity\nSpain\tMadrid\n").status_code == 302
    assert values(table)[-1] == (5, {"city": "Madrid", "expected": "Spain"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_loaded_in_any_usual_encoding(client_for, alice, table, encoding):
    answer = load(client_for(alice), table, "city;größe\nMünchen;5 €\n".encode(encoding))

    assert answer.status_code == 302
    table.refresh_from_db()
    assert table.columns == ["city", "expected", "größe"]
    assert values(table)[-1] == (3, {"city": "München", "größe": "5 €"})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"a,b\n1,2,3\n", "Row 2 has 3 values for 2 columns."),
        (b"", "empty"),
        (b"a,a\n1,2\n", "Two columns are called a."),
        (b"\xff\xfe", "no rows"),
        ("x\ty\tz\n", "Row 1 has 3 values for 2 columns."),
        (" ", "Paste something"),
    ],
)
def test_what_cannot_be_loaded_is_named_and_stores_nothing(client_for, alice, table, data, why):
    answer = load(client_for(alice), table, data)

    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert len(values(table)) == 2


def test_an_export_imports_again_as_equal(client_for, alice, table):
    client = client_for(alice)
    rows = [
        {"city": "=1+1", "expected": "'=2"},
        {"city": "-5", "expected": "@x\r\ny"},
        {"city": '"quoted", and\ttab', "expected": "\t=1"},
        {"city": "é 🙂"},
    ]
    for number, row in enumerate(rows, 3):
        TableCase.objects.create(table=table, number=number, values=row)
    TableOfCases.objects.filter(pk=table.pk).update(size=6, last_number=6)
    before = values(table)

    exported, lines = sent(client, table), sent(client, table, "jsonl")
    assert b"\r\n'=1+1,''=2\r\n" in exported
    for data, name in ((exported, "cases.csv"), (lines, "cases.jsonl")):
        assert load(client, table, data, name, replaces="on").status_code == 302
        assert values(table) == before
        assert sent(client, table) == exported


def test_a_removed_variable_comes_back_with_its_values(client_for, alice, table):
    client = client_for(alice)
    client.post(address(table, "table_settings"), {"name": "Towns", "columns": "city"})
    assert "Norway" not in client.get(address(table)).content.decode()
    assert b"Norway" not in sent(client, table)
    client.post(address(table, "table_settings"), {"name": "Towns", "columns": "city\nexpected"})
    assert "Norway" in client.get(address(table)).content.decode()


def test_a_million_values_are_loaded_and_exported(client_for, alice, table, django_assert_max_num_queries):
    client = client_for(alice)
    names = [f"c{place}" for place in range(10)]
    data = "\n".join(
        [",".join(names), *(",".join(f"{row}-{name}" for name in names) for row in range(100_000))]
    )

    assert load(client, table, data.encode(), replaces="on").status_code == 302
    table.refresh_from_db()
    assert (table.size, table.columns) == (100_000, names)

    with django_assert_max_num_queries(12):
        html = client.get(address(table), {"page": "2000"}).content.decode()
    assert "99999-c9" in html and len(html) < 200_000
    assert sent(client, table).count(b"\r\n") == 100_001
    # The table is full now.
    assert "at most 100,000 cases" in client.post(address(table, "add_case")).content.decode()
    assert load(client, table, "x").status_code == 422


def test_checks_are_saved_changed_and_removed(client_for, alice, table):
    client = client_for(alice)
    url = address(table, "checks")
    posted = {"kind": ["contains", "length", ""], "first": ["{{expected}}", "", ""], "second": ["", "90", ""]}

    assert client.post(url, {**posted, "ignores_case": ["0"]}).status_code == 302
    table.refresh_from_db()
    assert table.check_settings == [
        CheckSetting("contains", "{{expected}}", ignores_case=True),
        CheckSetting("length", second="90"),
    ]
    assert "{{expected}}" in client.get(url).content.decode()

    client.post(url, {**posted, "remove": ["0"]})
    table.refresh_from_db()
    assert table.check_settings == [CheckSetting("length", second="90")]


@pytest.mark.parametrize(
    ("kinds", "firsts", "why"),
    [
        (["matches"], ["("], "not a regular expression"),
        (["nonsense"], ["x"], "Choose a kind"),
        (["judge", "judge"], ["a", "b"], "one judge"),
        (["contains"] * 21, ["x"] * 21, "at most 20 checks"),
    ],
)
def test_a_check_that_cannot_be_used_is_named_and_nothing_is_stored(
    client_for, alice, table, kinds, firsts, why
):
    posted = {"kind": kinds, "first": firsts, "second": [""] * len(kinds)}

    answer = client_for(alice).post(address(table, "checks"), posted)

    assert answer.status_code == 422
    assert why in answer.content.decode()
    table.refresh_from_db()
    assert table.checks == []


def test_a_message_becomes_a_case_with_one_click(client_for, alice, bob, workspace, conversation):
    client = client_for(alice)
    prompt, answer = conversation.head.parent, conversation.head
    assert (
        "Add to test cases" in client.get(reverse("chat:message_menu", args=[answer.code])).content.decode()
    )

    said = client.post(reverse("chat:collect_case", args=[answer.code])).content.decode()
    client.post(reverse("chat:collect_case", args=[prompt.code]))

    table = TableOfCases.objects.get()
    assert "Added to “<bdi>Collected cases</bdi>” as case 1." in said
    expected = {"prompt": "Say hello", "answer": "Hello **there**."}
    assert values(table) == [(1, expected), (2, expected)]
    # Others of the workspace do not reach a private conversation.
    assert client_for(bob).post(reverse("chat:collect_case", args=[answer.code])).status_code == 404


def test_a_case_is_collected_into_a_table_that_has_its_variables(
    client_for, alice, workspace, conversation, table
):
    TableOfCases.objects.filter(pk=table.pk).update(
        columns=["prompt", "answer", "note"], name="Collected cases"
    )
    client_for(alice).post(reverse("chat:collect_case", args=[conversation.head.code]))
    assert values(table)[-1] == (3, {"prompt": "Say hello", "answer": "Hello **there**."})
    TableOfCases.objects.update(columns=["other"])
    client_for(alice).post(reverse("chat:collect_case", args=[conversation.head.code]))
    assert TableOfCases.objects.get(name="Collected cases 2").size == 1
