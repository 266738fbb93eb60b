"""The tests of promptfoo as a test table."""

from __future__ import annotations

import pytest
from django.urls import reverse

from chat.evaluation.imported import sheet_of
from chat.prompts.cases import AnswerCheck, CaseTable, PromptCase
from chat.prompts.reading import read_prompts
from tests.chat.prompt_samples import PROMPTFOO


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


def test_the_sample_has_a_table():
    table = read_prompts(PROMPTFOO).table
    assert table is not None and len(table.cases) == 2
