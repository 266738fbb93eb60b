"""Prompts of other tools, read from their texts."""

from __future__ import annotations

import time

import pytest

from chat.prompts.cases import AnswerCheck, CaseSet
from chat.prompts.content import MessageRole, PromptMessage, Variable, VariableKind
from chat.prompts.imported import PromptImportRefused, ReadPrompt, ReadVersion
from chat.prompts.own_format import written
from chat.prompts.reading import read_prompts
from tests.chat.prompt_samples import (
    LANGFUSE,
    LANGFUSE_LIST,
    LANGFUSE_TEXT,
    PAGE,
    PRINTED,
    PROMPTFOO,
    RESPONSE,
    as_text,
)
from tests.chat.test_prompt_core import WHOLE

USER = MessageRole.USER


def one(text: str) -> ReadPrompt:
    (found,) = read_prompts(text).prompts
    return found


def test_a_response_gives_its_prompt_with_the_variables_put_back():
    found = one(as_text(RESPONSE))
    content = found.newest.content

    assert (found.name, found.newest.number) == ("pmpt_77", 5)
    # A value inside a word is another word.
    assert content.system == "You know {{town}}. Be {{mood}}, not kinder. Oslos is no word."
    assert content.messages == (PromptMessage(USER, "{{town}}: where to?\n\n{{map}}"),)
    assert content.variables == (Variable("town"), Variable("mood"), Variable("map", VariableKind.FILE))
    assert (content.model, content.endpoint) == ("gpt-5.1", "responses")
    assert content.parameters == {
        "temperature": 0.3,
        "max_output_tokens": 500,
        "reasoning": {"effort": "low"},
        "text": RESPONSE["text"],
        "tools": [{"type": "function", "name": "find", "parameters": {"type": "object"}}],
    }
    assert "{{town}} was put back in 2 places." in found.notes


def test_a_printed_response_is_read_and_not_executed():
    found = one(PRINTED)
    assert (found.name, found.newest.number) == ("pmpt_1", 2)
    assert found.newest.content.system == "Greet {{who}}."
    with pytest.raises(PromptImportRefused):
        read_prompts("{" + PRINTED)
    # A call stands for what it prints; an expression stands for nothing.
    with pytest.raises(PromptImportRefused):
        read_prompts("Response(object='response', instructions=open('/etc/passwd').read())")


def test_values_that_are_not_in_the_texts_are_said():
    changed = {**RESPONSE, "prompt": {"id": "p", "variables": {"x y": "Nowhere", "!": "a", "n": 7}}}
    found = one(as_text({**changed, "instructions": "Plain {{kept}}"}))
    assert found.newest.content.system == "Plain {{kept}}"
    assert "The value of {{x_y}} is not in the texts. Put the variable back yourself." in found.notes


def test_a_response_without_instructions_says_what_to_do():
    with pytest.raises(PromptImportRefused, match="has no instructions"):
        read_prompts(as_text({**RESPONSE, "instructions": None}))


def test_the_text_of_a_page_is_read_by_its_headings():
    found = one(PAGE)
    content = found.newest.content

    assert (found.name, found.newest.number) == ("pmpt_abc123", 4)
    assert content.system.startswith("You know {{town}}.")
    assert [(each.role, each.text) for each in content.messages[-2:]] == [
        ("user", "Where to in {{town}}?"),
        ("assistant", "The harbour."),
    ]
    assert content.model == "gpt-5.1"
    assert content.parameters == {
        "temperature": 0.5,
        "max_output_tokens": 1200,
        "reasoning": {"effort": "low"},
    }


def test_a_plain_text_is_a_user_message_and_says_so():
    found = one("Write about {{topic}}.\nPlease.")
    assert found.newest.content.messages == (PromptMessage(USER, "Write about {{topic}}.\nPlease."),)
    assert "No headings were found" in found.notes[0]


def test_a_chat_prompt_of_langfuse():
    found = one(as_text(LANGFUSE))
    content = found.newest.content

    assert (found.name, found.newest.number, found.production) == ("reply", 7, 7)
    assert (found.newest.note, found.description) == ("warmer", "Tags: mail")
    assert content.system == "Answer {{customer_name}} in {{tongue}}."
    assert content.messages == (
        PromptMessage(MessageRole.PLACEHOLDER, name="history"),
        PromptMessage(USER, "{{question}}"),
    )
    assert [each.name for each in content.variables] == ["customer_name", "tongue", "question"]
    assert list(content.parameters) == ["temperature", "max_tokens", "tools"]
    assert (content.model, content.extra) == ("demo/plain", {"owner": "b"})
    assert found.notes == (
        "{{customer name}} is called {{customer_name}} here.",
        "Kept without effect: owner.",
    )


def test_several_versions_of_langfuse_are_one_prompt():
    found = one(as_text([LANGFUSE, {**LANGFUSE, "version": 6, "labels": []}]))
    assert [each.number for each in found.versions] == [6, 7]
    assert found.production == 7


def test_a_text_prompt_and_a_list_of_langfuse():
    assert one(as_text(LANGFUSE_TEXT)).newest.content.messages == (
        PromptMessage(USER, "{{film}} by {{who}}"),
    )
    found = read_prompts(as_text(LANGFUSE_LIST))
    assert [(each.name, each.versions) for each in found.listed] == [("reply", (1, 7)), ("a/b", (1,))]
    assert found.prompts == ()


def test_one_broken_prompt_of_many_does_not_stop_the_others():
    broken = {**LANGFUSE, "name": "broken", "prompt": [{"role": "user", "content": 7}]}
    found = read_prompts(as_text([broken, LANGFUSE_TEXT]))
    assert [each.name for each in found.prompts] == ["critic"]
    assert found.notes == ("broken cannot be imported. Message 1 of broken has no text.",)


def test_promptfoo_gives_prompts_models_and_a_table():
    found = read_prompts(PROMPTFOO)

    assert [each.name for each in found.prompts] == ["Greetings 1", "Greetings 2"]
    first, second = (each.newest.content for each in found.prompts)
    assert first.messages == (PromptMessage(USER, "Greet {{name}} on {{day}}."),)
    assert (second.system, second.model, second.parameters) == ("Be brief.", "gpt-4o-mini", {})
    table = found.table
    assert table is not None
    assert table.models == ("gpt-4o-mini", "claude-x")
    assert table.sets == (
        CaseSet("gpt-4o-mini", "chat/completions", {}),
        CaseSet("claude-x", "messages", {"temperature": 0}),
    )
    assert first.extra == {"parameter sets": {"gpt-4o-mini": {}, "claude-x": {"temperature": 0}}}
    assert found.prompts[0].notes == (
        "It has the parameters of gpt-4o-mini. Those of claude-x are kept without effect.",
    )
    assert [each.values for each in table.cases] == [
        {"day": "Monday", "name": 'a "b", c', "age": "3"},
        {"day": "Friday", "name": "Bo"},
    ]
    assert table.cases[0].checks == (
        AnswerCheck("is-json"),
        AnswerCheck("contains", "sorry", is_negated=True),
        AnswerCheck("latency", threshold=4000),
    )
    assert table.cases[1].checks == (AnswerCheck("is-json"), AnswerCheck("cost", threshold=0.01))
    assert table.left_out == (
        "Prompt 3 is in another file: file://long.txt. Import that file by itself.",
        "A check of test 1: python len(output) < 9.",
        "A check of test 2: latency.",
        "Tests of another file: file://more.csv.",
    )
    assert "secret" not in repr(found)


def test_an_export_comes_back_the_same():
    prompt = ReadPrompt("A", (ReadVersion(2, WHOLE, "x"), ReadVersion(5, WHOLE)), "About", 2)
    assert read_prompts(written([prompt])).prompts == (prompt,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Paste a text or choose a file first."),
        (" \n", "Paste a text"),
        ('{"hello": ["world"]', "neither JSON nor YAML. Expected is a response of OpenAI"),
        ('{"hello": 1}', "There is no prompt in this. Expected is"),
        ("[]", "There is no prompt in this."),
        ("[[[[", "neither JSON nor YAML"),
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 200 + "1" + "}" * 200, "nested too deeply"),
        ("prompts: &a [x]\ntests: *a", "aliases"),
        ("prompts: !!python/object/apply:os.system [ls]\ntests: []", "neither JSON nor YAML"),
        ('{"name": "a", "prompt": [7]}', "has no text"),
        ('{"name": "a", "prompt": "' + "x" * 500_000 + '"}', "400,000 characters"),
        ('{"format": "chat-playground-prompts"}', "has no prompts"),
        ('{"format": "chat-playground-prompts", "prompts": [{"name": "a"}]}', "between 1 and 200 versions"),
        (
            '{"format": "chat-playground-prompts", "prompts": [{"name": "a", "versions": [{}]}]}',
            "JSON object",
        ),
        ("x" * 5_000_001, "more than 5 MB"),
        ('"\\ud800"', "user message"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(text, words):
    try:
        found = read_prompts(text)
    except PromptImportRefused as refusal:
        assert words in str(refusal)
    else:
        assert words in found.prompts[0].notes[0]


def test_hostile_values_take_no_time():
    values = {f"v{number}": "a" * (number + 1) for number in range(100)}
    text = as_text({**RESPONSE, "prompt": {"variables": values}, "instructions": "a" * 190_000})
    started = time.process_time()
    read_prompts(text)
    # A search from every letter to the end would take minutes.
    assert time.process_time() - started < 20
