"""The content of stored prompts: variables in texts, values, the JSON form, rules and differences."""

from __future__ import annotations

import random
from typing import Any

import pytest

from chat.prompts.content import (
    MAX_VARIABLES,
    ContentRefused,
    MessageRole,
    PromptContent,
    PromptMessage,
    Variable,
    VariableKind,
)
from chat.prompts.differences import changes, word_changes
from chat.prompts.filling import filled
from chat.prompts.placeholders import escaped, from_plain_braces, names_in, odd_names_in, replaced
from chat.prompts.stored import from_text, from_value, to_text
from chat.prompts.values import checked_values, value_of

WHOLE = PromptContent(
    "Answer {{who}} in {{tongue}}.",
    (
        PromptMessage(MessageRole.USER, "Read {{page}}."),
        PromptMessage(
            MessageRole.ASSISTANT,
            tool_calls=({"id": "1", "name": "look", "arguments": "{}", "type": "function"},),
        ),
        PromptMessage(MessageRole.TOOL, "none", call_id="1", is_error=True),
        PromptMessage(MessageRole.PLACEHOLDER, name="history"),
    ),
    (
        Variable("who", default="Ana", longest=20, pattern="^A", description="A name"),
        Variable("tongue", VariableKind.CHOICE, choices=("de", "en"), is_required=False),
        Variable("page", VariableKind.FILE),
    ),
    "demo",
    "demo/plain",
    "chat/completions",
    {"temperature": 1, "b": [1], "a": None},
    {"owner": "team"},
)


def test_it_finds_each_variable_once_in_order():
    assert names_in(["{{b}} {{ a }}{{b}}", "{{é.x-1}}"]) == ["b", "a", "é.x-1"]


@pytest.mark.parametrize(
    "text",
    [
        "{{}}",
        "{{1}}",
        "{{a b}}",
        "{{#if a}}",
        "{{a|upper}}",
        "{{ a\n}}",
        "{a}",
        "{{a}",
        "{{" + "a" * 65 + "}}",
    ],
)
def test_other_braces_are_text(text):
    assert names_in([text]) == []
    assert replaced(text, lambda _: "!") == text


def test_it_names_braces_that_look_like_variables():
    assert odd_names_in(["{{first name}} {{ok}} {{2nd}} {{}}"]) == ["first name", "2nd"]


def test_values_are_not_expanded_again():
    assert replaced("{{a}}{{b}}", {"a": "{{b}}", "b": r"\{{a}}\1"}.get) == r"{{b}}\{{a}}\1"


def test_names_without_a_value_stay():
    found = filled(PromptContent("{{a}} {{b}}"), {"a": "1"})
    assert (found.system, found.missing) == ("1 {{b}}", ("b",))


def test_triple_braces_are_braces_around_a_value():
    assert replaced("{{{a}}}", {"a": "1"}.get) == "{1}"


def test_escaped_texts_show_themselves_and_plain_ones_keep_their_variables():
    chance = random.Random(1)
    for _ in range(3000):
        text = "".join(chance.choices(["\\", "{{", "}}", "a", " ", "b"], k=chance.randint(0, 12)))
        assert replaced(escaped(text), lambda _: "!") == text
        assert names_in([escaped(text)]) == []
        plain = text.replace(" ", "")
        assert replaced(from_plain_braces(plain), lambda name: f"{{{{{name}}}}}") == plain


def test_hostile_braces_take_no_time():
    # Quadratic time would be minutes.
    assert names_in(["\\" * 300_000, "{{" * 300_000, "{{ " * 200_000, "{{a" * 200_000]) == []


def test_the_json_form_returns_the_same_content():
    assert from_text(to_text(WHOLE)) == WHOLE
    assert list(from_text(to_text(WHOLE)).parameters) == ["temperature", "b", "a"]


def test_variables_follow_the_texts():
    found = from_value(
        {"system": "{{b}} {{a}}", "variables": [{"name": "a", "type": "json"}, {"name": "gone"}]}
    )
    assert found.variables == (Variable("b"), Variable("a", VariableKind.JSON))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "JSON object"),
        ({"system": 1}, "a text as “system”"),
        ({"messages": {}}, "“messages” has to be a list"),
        ({"messages": [1]}, "Message 1 has to be an object"),
        ({"messages": [{"role": "system"}]}, "Message 1 needs the role"),
        ({"messages": [{"role": ["user"]}]}, "Message 1 needs the role"),
        ({"messages": [{"role": "placeholder"}]}, "needs a name"),
        ({"messages": [{"role": "user", "tool_calls": [{"name": "a"}]}]}, "only an assistant’s message"),
        ({"messages": [{"role": "user"}] * 201}, "at most 200 messages"),
        ({"system": "x" * 200_001}, "200,000 characters"),
        ({"system": "{{a}}", "variables": [{"name": "a"}, {"name": "a"}]}, "described twice"),
        ({"system": "{{a}}", "variables": [{"name": "a", "type": "date"}]}, "unknown type"),
        ({"system": "{{a}}", "variables": [{"name": "a", "type": "choice"}]}, "at least one choice"),
        ({"system": "{{a}}", "variables": [{"name": "a", "type": "file"}]}, "messages of the user only"),
        ({"system": "{{a}}", "variables": [{"name": "a", "pattern": "("}]}, "no regular expression"),
        ({"system": "{{a}}", "variables": [{"name": "a", "least": 2, "most": 1}]}, "lowest number above"),
        ({"system": "{{a}}", "variables": [{"name": "a", "type": "number", "default": "x"}]}, "default"),
        ({"system": "{{a}}", "messages": [{"role": "placeholder", "name": "a"}]}, "Rename one"),
        ({"system": " ".join(f"{{{{v{n}}}}}" for n in range(MAX_VARIABLES + 1))}, "100 variables"),
        ({"model": "gpt"}, "“model” has to be an object"),
        ({"parameters": {"a": "x" * 1_600_000}}, "1,500,000 characters in all"),
    ],
)
def test_it_refuses_a_broken_content_by_its_part(value: Any, words: str):
    with pytest.raises(ContentRefused) as refusal:
        from_value(value)
    assert words in str(refusal.value)


def test_deep_json_is_refused():
    with pytest.raises(ContentRefused):
        from_text('{"extra": ' + '{"a":' * 100_000 + "1" + "}" * 100_001)
    # Values that nest deeper still become null.
    deep: Any = 1
    for _ in range(50):
        deep = [deep]
    with pytest.raises(ContentRefused, match="nested too deeply"):
        from_value({"extra": {"a": deep}})


@pytest.mark.parametrize(
    ("variable", "typed", "problem"),
    [
        (Variable("a"), "", "Enter a value."),
        (Variable("a", is_required=False), "", ""),
        (Variable("a", default="b"), " ", ""),
        (Variable("a"), "b\nc", "Enter one line."),
        (Variable("a", VariableKind.LONG_TEXT), "b\r\nc", ""),
        (Variable("a", longest=2), "abc", "Enter at most 2 characters."),
        (Variable("a", pattern="^[A-Z]+$"), "a", "This has to match ^[A-Z]+$."),
        (Variable("a", VariableKind.NUMBER), "x", "Must be a number."),
        (Variable("a", VariableKind.NUMBER, least=1), "0", "Enter 1 or more."),
        (Variable("a", VariableKind.NUMBER, most=1), "1e400", "Is too large."),
        (Variable("a", VariableKind.CHOICE, choices=("b",)), "c", "Choose one of the choices."),
        (Variable("a", VariableKind.JSON), "{", "Not valid JSON: line 1, column 2."),
        (Variable("a", VariableKind.JSON), '{"b": [1]}', ""),
    ],
)
def test_values_are_checked_by_their_type(variable, typed, problem):
    assert value_of(variable, typed).problem == problem


def test_a_pattern_cannot_stall():
    variable = Variable("a", VariableKind.LONG_TEXT, pattern="^(a+)+$")
    assert value_of(variable, "a" * 50_000 + "b").problem


def test_unknown_values_are_named_and_defaults_fill_in():
    found = checked_values(WHOLE.variables, {"who": "Bo", "other": "x"})
    assert found.problems == {"who": "This has to match ^A."}
    assert found.texts == {"tongue": ""}
    assert found.unknown == ("other",)


def test_a_file_leaves_the_text_and_is_named():
    content = from_value(
        {
            "messages": [{"role": "user", "text": "Read this.\n\n{{page}}"}],
            "variables": [{"name": "page", "type": "file"}],
        }
    )
    (message,) = filled(content, {}).messages
    assert (message.message.text, message.files) == ("Read this.", ("page",))


def test_differences_name_parts_and_words():
    after = from_value({"system": "Answer {{who}} in {{tongue}} now.", "parameters": {"temperature": 2}})
    found = {change.title: change.kind for change in changes(WHOLE, after)}
    assert found["System prompt"] == "changed"
    assert found["Message 1: User"] == "removed"
    assert found["Parameter temperature"] == "changed"
    assert found["Variable who"] == "changed"
    assert changes(WHOLE, WHOLE) == ()


def test_both_texts_can_be_read_from_their_difference():
    chance = random.Random(2)
    for _ in range(300):
        before, after = ("".join(chance.choices("ab \n.", k=chance.randint(0, 60))) for _ in range(2))
        pieces = word_changes(before, after)
        assert "".join(text for kind, text in pieces if kind != "added") == before
        assert "".join(text for kind, text in pieces if kind != "removed") == after


def test_long_changes_are_compared_in_bounded_time():
    chance = random.Random(3)
    before, after = ("\n".join(" ".join(chance.choices("ab", k=400)) for _ in range(300)) for _ in range(2))
    assert word_changes(before, after)


def test_a_change_of_a_long_text_is_shown_without_what_is_far_from_it():
    lines = [f"line {number}\n" for number in range(2_000)]
    before = PromptContent(messages=(PromptMessage(MessageRole.USER, "".join(lines)),))
    lines[1_000] = "another line\n"

    (found,) = changes(before, PromptContent(messages=(PromptMessage(MessageRole.USER, "".join(lines)),)))

    assert [piece.text for piece in found.pieces if piece.kind == "skipped"] == [
        "997 unchanged lines",
        "997 unchanged lines",
    ]
    assert "line 997\nline 998\nline 999\n" in "".join(piece.text for piece in found.pieces)
    assert not found.is_long
