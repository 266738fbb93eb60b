"""The tests of promptfoo as a test table."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from chat.evaluation.answers import Answered
from chat.evaluation.check_kinds import outcome_of
from chat.evaluation.imported import sheet_of
from chat.models import Prompt, TableOfCases
from chat.pages.experiment_link import query_of
from chat.prompts.cases import AnswerCheck, CaseSet, CaseTable, PromptCase
from chat.prompts.reading import read_prompts
from tests.chat.prompt_samples import PROMPTFOO
from tests.playground.untouched_page import posted_by


def table_of(*cases: PromptCase) -> CaseTable:
    return CaseTable("T", cases=cases)


def test_what_a_row_expects_becomes_a_value_of_it():
    checks = (
        AnswerCheck("contains", "Ana"),
        AnswerCheck("contains", "Bo"),
        AnswerCheck("icontains", "x", is_negated=True),
        AnswerCheck("latency", threshold=2500),
        AnswerCheck("cost", threshold=0.0000002),
        AnswerCheck("is-json"),
        AnswerCheck("llm-rubric", "is polite"),
        AnswerCheck("regex", "a+", is_negated=True),
    )
    sheet, settings, left = sheet_of(table_of(PromptCase({"q": "1"}, checks), PromptCase({"q": "2"})))

    assert dict(zip(sheet.columns, sheet.rows[0], strict=True)) == {
        "q": "1",
        "check_contains": "Ana",
        "check_contains2": "Bo",
        "check_ilacks": "x",
        "check_seconds": "2.5",
        "check_usd": "0.0000002",
        "check_json": "yes",
        "check_rubric": "is polite",
    }
    assert [each.kind for each in settings] == [
        *("contains", "contains", "lacks", "latency", "cost", "schema", "judge"),
    ]
    assert left == ["A check of test 1: not regex: a+."]


def test_a_check_applies_to_the_rows_that_had_it():
    one, other = PromptCase({"q": "1"}, (AnswerCheck("is-json"),)), PromptCase({"q": "2"})
    sheet, (setting,), _ = sheet_of(table_of(one, other))
    first, second = sheet.as_cases()

    assert outcome_of(setting, first, Answered("{}")).passed is True
    assert outcome_of(setting, first, Answered("no")).passed is False
    assert outcome_of(setting, second, Answered("no")).is_skipped


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (AnswerCheck("regex", "^[ab]{2}$"), "ab", "abc"),
        (AnswerCheck("regex", "x|yes"), "an x", "z"),
        (AnswerCheck("starts-with", "(A"), "(A man", " (A"),
        (AnswerCheck("contains-any", ["a.c", "{{q}}"]), "see one?", "abc"),
        (AnswerCheck("icontains-any", ["ONE", "z"]), "some One", "n"),
        (AnswerCheck("contains-all", ["a", "b"]), "a b", "a"),
        (AnswerCheck("icontains-all", ["A", "b"]), "a B", "b"),
        (AnswerCheck("contains-any", ["a", "b"], is_negated=True), "c", "cb"),
        (AnswerCheck("icontains", "A", is_negated=True), "c", "ca"),
    ],
)
def test_checks_of_promptfoo_decide_as_they_do_there(check, good, bad):
    rows = (PromptCase({"q": "one?"}, (check,)), PromptCase({"q": "two"}))
    sheet, settings, left = sheet_of(table_of(*rows))
    case, other = sheet.as_cases()

    def decided(values, text):
        return [outcome_of(setting, values, Answered(text)).passed for setting in settings]

    assert left == []
    assert set(decided(case, good)) == {True}
    assert False in decided(case, bad)
    assert set(decided(other, bad)) == {None}


def test_rows_with_other_patterns_have_checks_of_their_own():
    rows = [PromptCase({"q": str(at)}, (AnswerCheck("regex", "ab"[at % 2]),)) for at in range(4)]
    sheet, settings, left = sheet_of(table_of(*rows))
    assert (len(settings), left, sheet.columns) == (2, [], ["q", "check_regex", "check_regex2"])
    assert sheet.rows[2] == ["2", "yes", ""] and sheet.rows[3] == ["3", "", "yes"]


def test_a_table_has_only_as_many_checks_as_it_can():
    checks = tuple(AnswerCheck("contains", str(number)) for number in range(30))
    sheet, settings, left = sheet_of(table_of(PromptCase({"q": "1"}, checks)))
    assert (len(settings), len(left), len(sheet.columns)) == (20, 10, 21)


@pytest.mark.django_db
def test_the_preview_lists_checks_that_have_no_counterpart(client_for, alice, workspace):
    url = reverse("chat:import_prompts", args=[workspace.slug])
    checks = "".join(f"      - {{type: not-regex, value: 'a{number}+'}}\n" for number in range(22))
    text = f"prompts: [Hello]\nproviders: [openai:gpt-4o]\ntests:\n  - vars: {{}}\n    assert:\n{checks}"
    page = client_for(alice).post(url, {"text": text}).content.decode()
    assert "<li>A check of test 1: not regex: a0+.</li>" in page
    assert page.count("<li>A check of test 1") == 20
    assert "and 2 more" in page


@pytest.mark.django_db
def test_the_tests_are_stored_with_the_prompts(client_for, alice, workspace):
    client, url = client_for(alice), reverse("chat:import_prompts", args=[workspace.slug])
    data = {"text": PROMPTFOO, "import": "1", "chosen": ["0", "1"], "table": "1"}

    response = client.post(url, data, follow=True)
    client.post(url, data)
    client.post(url, {"text": PROMPTFOO, "import": "1", "chosen": ["0"]})

    html = response.content.decode()
    assert "The test table Greetings has 2 cases." in html
    # Each prompt is chosen for an experiment.
    assert html.count('name="prompts"') == html.count("checked><span") == 2
    assert "Its prompts, models and sets of parameters are chosen below." in html
    untouched = posted_by(html)
    assert (untouched["s.1.name"], untouched["s.1.kind"]) == (["claude-x"], ["messages"])
    assert json.loads(untouched["s.1.json"][0]) == {"temperature": 0}
    assert set(TableOfCases.objects.values_list("name", flat=True)) == {"Greetings", "Greetings 2"}
    assert Prompt.objects.count() == 5
    table = TableOfCases.objects.get(name="Greetings")
    assert table.size == 2
    assert [each.kind for each in table.check_settings] == ["schema", "lacks", "latency", "cost"]


def test_sets_that_make_the_address_too_long_are_left_out():
    sets = [CaseSet("a", "", {"text": "x" * size}) for size in (5, 6_000)]
    assert "s.0.json" in query_of([], [], sets[:1])
    assert query_of([], [], sets) == ""


@pytest.mark.django_db
def test_only_the_table_can_be_chosen(client_for, alice, workspace):
    url = reverse("chat:import_prompts", args=[workspace.slug])
    client_for(alice).post(url, {"text": PROMPTFOO, "import": "1", "table": "1"})
    assert (Prompt.objects.count(), TableOfCases.objects.count()) == (0, 1)


def test_the_sample_has_a_table():
    table = read_prompts(PROMPTFOO).table
    assert table is not None and len(table.cases) == 2
