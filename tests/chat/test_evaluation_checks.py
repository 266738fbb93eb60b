from __future__ import annotations

import json
from decimal import Decimal

import pytest

from chat.evaluation.answers import Answered, Called, CheckOutcome
from chat.evaluation.check_kinds import KINDS, CheckSetting, outcome_of, why_refused
from chat.evaluation.patterns import is_found, why_no_pattern

SCHEMA = json.dumps({"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}})
CALL = Called("weather", '{"city": "Oslo", "days": 3}')


def passed(kind: str, said: str, first: str = "", second: str = "", **facts) -> bool | None:
    values = facts.pop("values", {})
    setting = CheckSetting(kind, first, second, facts.pop("ignores_case", False))
    assert why_refused(setting) == ""
    return outcome_of(setting, values, Answered(said, **facts)).passed


@pytest.mark.parametrize(
    ("kind", "first", "second", "good", "bad"),
    [
        ("contains", "Paris", "", "It is Paris.", "It is paris."),
        ("lacks", "sorry", "", "Yes.", "I am sorry."),
        ("equals", "two\nlines", "", " two\r\nlines\n", "two lines"),
        ("matches", r"^\d{4}-\d\d$", "", "2026-11", "in 2026-11"),
        ("json", "", "", '{"a": [1]}', "{'a': 1}"),
        ("json", "", "", "[]", "```json\n[]\n```"),
        ("schema", SCHEMA, "", '{"city": "Oslo"}', '{"town": "Oslo"}'),
        ("number", "42", "", "6 times 7 is 42.", "6 times 7 is 43."),
        ("number", "1000", "5%", "About 1,049.9", "About 1,051"),
        ("number", "-0.5", "0.1", "x = −0.45", "x = 0.45"),
        ("length", "2", "4", "abc", "abcde"),
        ("length", "2", "", "ab", "a"),
    ],
)
def test_it_tells_a_good_answer_from_a_bad_one(kind, first, second, good, bad):
    assert passed(kind, good, first, second) is True
    assert passed(kind, bad, first, second) is False


def test_it_ignores_the_case_of_letters_if_asked():
    assert passed("contains", "STRASSE", "straße", ignores_case=True)
    assert passed("equals", "PARIS", "Paris", ignores_case=True)
    assert passed("lacks", "PARIS", "Paris", ignores_case=True) is False


def test_it_bounds_cost_and_duration():
    assert passed("cost", "", "0.01", usd=Decimal("0.01"))
    assert passed("cost", "", "0.01", usd=Decimal("0.010001")) is False
    assert passed("cost", "", "0.01") is None
    assert passed("latency", "", "1.5", seconds=1.5)
    assert passed("latency", "", "1.5", seconds=1.51) is False
    assert passed("latency", "", "1.5") is None


def test_it_checks_the_calls_of_tools():
    assert passed("tool", "", "weather", calls=(CALL,))
    assert passed("tool", "", "weather", '{"city": "Oslo"}', calls=(CALL,))
    assert passed("tool", "", "weather", '{"city": "Rome"}', calls=(CALL,)) is False
    assert passed("tool", "", "search", calls=(CALL,)) is False
    assert passed("tool", "weather", "weather") is False
    assert passed("tool", "", "weather", "{}", calls=(Called("weather", "no JSON"),)) is False


def test_values_of_the_case_stand_for_themselves():
    values = {"city": "São (Paulo) + 1", "quote": 'a "b"\n'}
    assert passed("contains", "In São (Paulo) + 1.", "{{ city }}", values=values)
    assert passed("matches", "In São (Paulo) + 1.", r"^In {{city}}\.$", values=values)
    schema = '{"properties": {"q": {"const": "{{quote}}"}}}'
    assert passed("schema", json.dumps({"q": values["quote"]}), schema, values=values)
    call = Called("say", json.dumps({"text": values["quote"]}))
    assert passed("tool", "", "say", '{"text": "{{quote}}"}', values=values, calls=(call,))


def test_a_check_without_the_value_that_it_names_is_skipped():
    outcome = outcome_of(CheckSetting("contains", "{{expected}}"), {"other": "x"}, Answered("x"))
    assert outcome == CheckOutcome(None, "The case has no value for expected.", is_skipped=True)


@pytest.mark.parametrize("kind", ["number", "length", "cost", "latency", "schema"])
def test_a_value_of_the_case_that_no_check_can_use_gives_no_verdict(kind):
    setting = CheckSetting(kind, '{"const": {{expected}}}' if kind == "schema" else "{{expected}}")
    answer = Answered("5", usd=Decimal(0), seconds=1.0)
    outcome = outcome_of(setting, {"expected": "many"}, answer)
    assert outcome.passed is None and not outcome.is_skipped
    assert outcome.reason.startswith("This check can't be used for this case.")


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("no such kind", "", ""),
        ("contains", " ", ""),
        ("matches", "(", ""),
        ("matches", "(?=a)", ""),
        ("matches", r"(a)\1", ""),
        ("matches", "(x{1000}){1000}", ""),
        ("matches", "a" * 2001, ""),
        ("schema", "[1]", ""),
        ("schema", "{" * 100_000, ""),
        ("number", "many", ""),
        ("number", "1", "-1"),
        ("number", "1e999999999", ""),
        ("length", "", ""),
        ("length", "5", "2"),
        ("length", "a few", ""),
        ("cost", "-1", ""),
        ("latency", "soon", ""),
        ("tool", "weather", "[1]"),
        ("judge", "", ""),
        ("contains", "x" * 20_001, ""),
    ],
)
def test_it_refuses_a_check_that_could_never_be_used(kind, first, second):
    assert why_refused(CheckSetting(kind, first, second))


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*(.*)*=", "(a{0,500}b?){3}c"])
def test_no_regular_expression_explodes(pattern):
    # A backtracking engine needs more steps for this than there are atoms, so that the test would not end.
    assert why_no_pattern(pattern) == ""
    assert not is_found(pattern, "a" * 200_000 + "!")


def test_a_long_row_of_digits_takes_no_longer_than_it_must():
    # A quadratic search would not end.
    assert passed("number", "1" * 2_000_000, "2") is False
    assert passed("number", "1," * 1_000_000, "2") is False


def test_an_invalid_schema_gives_no_verdict():
    schema = json.dumps({"$ref": "#/$defs/missing"})
    assert passed("schema", "{}", schema) is None


def test_every_kind_has_a_label_and_survives_storing():
    for kind in KINDS:
        setting = CheckSetting(kind, "1", "2", True)
        assert CheckSetting.of(setting.as_json()) == setting
        assert setting.label.startswith(KINDS[kind].label)
