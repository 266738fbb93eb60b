"""Parts of the demo's texts: tokens, subjects, skills and instances."""

from __future__ import annotations

import doctest

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.demo import instances, skills, subject, tokens
from playground.demo.subject import SubjectKind


@pytest.mark.parametrize("module", [instances, skills, subject, tokens])
def test_it_does_what_its_examples_say(module):
    outcome = doctest.testmod(module)
    assert outcome.attempted and not outcome.failed


@given(st.text())
def test_it_loses_no_character_between_tokens(text):
    assert "".join(tokens.split(text)) == text


@given(st.text())
def test_it_finds_a_subject_in_anything(text):
    assert subject.read(text).topic.strip()


@pytest.mark.parametrize(
    ("prompt", "topic"),
    [
        ("What is a black hole?", "black hole"),
        ("Could you please explain how glass is made?", "glass is made"),
        ("Explain binary search with a table, code and a formula.", "binary search"),
        ("Write a short poem about the sea", "sea"),
        ("", "this"),
    ],
)
def test_it_takes_the_topic_from_the_prompt(prompt, topic):
    assert subject.read(prompt).topic == topic


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("Hi!", SubjectKind.GREETING),
        ("How do I bake bread?", SubjectKind.HOW),
        ("Why is the sky blue?", SubjectKind.WHY),
        ("A haiku about rain", SubjectKind.POEM),
        ("Give me ten ideas for a party", SubjectKind.LIST),
        ("Tell me about rain", SubjectKind.WHAT),
    ],
)
def test_it_tells_what_kind_of_answer_is_wanted(prompt, kind):
    assert subject.read(prompt).kind is kind


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("How many r are in strawberry?", "The letter “r” occurs 3 times in “strawberry”."),
        ("How often does the letter z occur in jazz", "The letter “z” occurs 2 times in “jazz”."),
        ("Is 97 prime?", "Yes, 97 is prime."),
        ("Is 1001 a prime number?", "No: 1001 = 7 × 143."),
        ("What is (17 * 24) + 2?", "(17 * 24) + 2 = 410"),
        ("7 ÷ 2 please", "7 ÷ 2 = 3.5"),
    ],
)
def test_it_really_solves_what_it_claims_to(prompt, answer):
    solved = skills.solve(prompt)
    assert solved is not None
    assert solved.answer == answer


@pytest.mark.parametrize("prompt", ["1 / 0", "9999999999999 * 2", "(1 + ", "Tell me about 2026", "1" * 5000])
def test_it_leaves_alone_what_it_cannot_solve(prompt):
    assert skills.solve(prompt) is None


@given(st.integers(0, 10**5), st.sampled_from("+-*"), st.integers(0, 10**5))
def test_it_calculates_as_python_does(left, sign, right):
    solved = skills.arithmetic(f"{left} {sign} {right}")
    assert solved is not None
    value = {"+": left + right, "-": left - right, "*": left * right}[sign]
    assert solved.answer.endswith(f"= {value}")


SCHEMAS = [
    {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}}},
    {"type": "array", "items": {"type": "number", "maximum": 2}, "minItems": 2},
    {"type": "object", "properties": {"unit": {"enum": ["c", "f"]}, "deep": {"type": ["null", "boolean"]}}},
    {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]},
    {"type": "object", "properties": {"when": {"type": "string", "format": "date"}, "why": {"const": 4}}},
]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_it_makes_values_that_follow_the_schema(schema):
    jsonschema_rs.validate(schema, instances.instance(schema, "Oslo in winter"))


def test_it_ends_on_a_schema_that_nests_for_ever():
    schema: dict[str, object] = {"type": "object"}
    schema["properties"] = {"again": schema}
    assert isinstance(instances.instance(schema, "x"), dict)
