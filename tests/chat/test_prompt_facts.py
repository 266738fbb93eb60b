"""The samples of other tools' prompts beside the checkout."""

from __future__ import annotations

import pytest

from chat.prompts.content import VariableKind
from chat.prompts.imported import PromptImportRefused
from chat.prompts.reading import read_prompts
from tests.upstream_facts import FACTS

FOLDER = FACTS.parent / "prompts"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="needs the folder shared/prompts beside the checkout"
)


def sample(name: str):
    return read_prompts((FOLDER / name).read_text(encoding="utf-8"))


def test_a_response_of_openai():
    (found,) = sample("openai_response.json").prompts
    content = found.newest.content
    assert (found.name, found.newest.number) == ("pmpt_68c2", 3)
    assert (
        content.system
        == "You write for owners of the {{product}}. Stay {{tone}} and short. Never promise a refund."
    )
    assert "{{product}}" in content.messages[0].text
    assert {each.name: each.kind for each in content.variables}["page"] is VariableKind.FILE
    assert set(content.parameters) == {"temperature", "max_output_tokens", "reasoning", "text", "tools"}


def test_prompts_of_langfuse():
    (chat,), (text,) = sample("langfuse_chat.json").prompts, sample("langfuse_text.json").prompts
    assert (chat.name, chat.newest.number, chat.production) == ("support-reply", 4, 4)
    assert [each.name for each in chat.newest.content.variables] == ["customer", "language", "question"]
    assert chat.newest.content.messages[0].name == "history"
    assert chat.newest.content.extra == {"owner": "team-a"}
    assert [each.name for each in text.newest.content.variables] == ["level", "movie"]
    listed = sample("langfuse_list.json").listed
    assert [each.name for each in listed] == ["support-reply", "movie-critic", "folder/summary"]


def test_a_configuration_of_promptfoo():
    found = sample("promptfoo.yaml")
    assert found.table is not None
    assert (len(found.prompts), found.table.models) == (2, ("gpt-4o-mini", "gpt-4o"))
    assert [each.parameters for each in found.table.sets] == [{}, {"temperature": 0}]
    kinds = [check.kind for case in found.table.cases for check in case.checks]
    assert kinds == ["contains", "latency", "is-json", "cost", "llm-rubric"]
    assert found.table.left_out == ("A check of test 3: javascript output.length < 200.",)


def test_a_broken_file():
    with pytest.raises(PromptImportRefused, match="Expected is a response of OpenAI"):
        sample("broken.json")
